import type { LlmCall } from '../reading/llm-call.js';
import { hasContent } from '../reading/merge-calls.js';
import { collapseNested } from '../reading/nested-calls.js';
import { readLlmCall, roleOf } from '../reading/read-llm-call.js';
import type { SpanLike } from '../reading/span-like.js';
import type { PromptRecord } from './prompt-record.js';
import { recordCall, type RecordingSettings } from './record-call.js';

/** How {@link toPromptRecords} writes records. All optional; defaults as in `TrubricsOptions`. */
export interface ToPromptRecordsOptions extends Partial<RecordingSettings> {
  /** Whether failed calls are among the records. Default: false (they are events, not prompts). */
  readonly includeErrors?: boolean;
}

/** A call, and the spans that it was read from and found below. */
export interface LocatedCall {
  readonly call: LlmCall;
  readonly span: SpanLike;
  /** Nearest first. */
  readonly ancestors: readonly SpanLike[];
}

export const DEFAULT_RECORDING: RecordingSettings = {
  maxTextLength: 100_000,
  systemPrompt: false,
  tags: [],
  properties: {},
};

/**
 * Prompt records of all LLM calls among `spans`, in the order in which the spans were given. Pure: the same spans always give
 * the same records.
 *
 * Spans of one trace belong together in one call: nested LLM spans of one call are counted once, and a user or thread that only
 * a span above knows is found there. Calls without recorded content are left out.
 */
export function toPromptRecords(
  spans: readonly SpanLike[],
  options: ToPromptRecordsOptions = {},
): PromptRecord[] {
  const settings = { ...DEFAULT_RECORDING, ...options };
  return locateCalls(spans)
    .filter(({ call }) => hasContent(call) && (options.includeErrors === true || !call.error))
    .map(({ call, span, ancestors }) => recordCall(call, { span, ancestors }, settings).record)
    .filter((record) => record.prompt !== '');
}

/** The LLM calls among spans, nested ones collapsed, in the order of the spans that they were read from. */
export function locateCalls(
  spans: readonly SpanLike[],
  onUnreadable?: (span: SpanLike) => void,
): LocatedCall[] {
  const bySpanId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const ancestorsOf = (span: SpanLike) => ancestorsAmong(span, bySpanId);
  const innerOf = new Map<SpanLike, SpanLike[]>();
  const outermost: SpanLike[] = [];
  for (const span of spans) {
    if (roleOf(span) !== 'llm') continue;
    const owner = nearestCallAbove(ancestorsOf(span));
    if (owner) innerOf.set(owner, [...(innerOf.get(owner) ?? []), span]);
    else outermost.push(span);
  }
  const located = outermost.flatMap((span) => collapse(span, innerOf, onUnreadable));
  return located.map(({ call, span }) => ({ call, span, ancestors: ancestorsOf(span) }));
}

/** The LLM call that a span belongs to, given the spans above it: the nearest with no tool or agent between. */
export function nearestCallAbove(ancestors: readonly SpanLike[]): SpanLike | undefined {
  const nearest = ancestors.find((ancestor) => roleOf(ancestor) !== 'other');
  return nearest && roleOf(nearest) === 'llm' ? nearest : undefined;
}

type ReadCall = Pick<LocatedCall, 'call' | 'span'>;

function collapse(
  span: SpanLike,
  innerOf: ReadonlyMap<SpanLike, readonly SpanLike[]>,
  onUnreadable: ((span: SpanLike) => void) | undefined,
): ReadCall[] {
  const inner = (innerOf.get(span) ?? []).flatMap((below) => collapse(below, innerOf, onUnreadable));
  const call = readLlmCall(span);
  if (!call) {
    onUnreadable?.(span);
    return inner;
  }
  const calls = collapseNested(
    call,
    inner.map((below) => below.call),
  );
  return calls.map((kept) => inner.find((below) => below.call === kept) ?? { call: kept, span });
}

function ancestorsAmong(span: SpanLike, bySpanId: ReadonlyMap<string, SpanLike>): SpanLike[] {
  const ancestors: SpanLike[] = [];
  const seen = new Set<SpanLike>([span]);
  let current = parentOf(span, bySpanId);
  while (current && !seen.has(current)) {
    seen.add(current);
    ancestors.push(current);
    current = parentOf(current, bySpanId);
  }
  return ancestors;
}

function parentOf(span: SpanLike, bySpanId: ReadonlyMap<string, SpanLike>): SpanLike | undefined {
  const parentId = span.parentSpanContext?.spanId ?? span.parentSpanId;
  return parentId === undefined ? undefined : bySpanId.get(parentId);
}
