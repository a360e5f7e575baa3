import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { normaliseFinishReason } from '../../src/reading/fields/finish-reason.js';
import type { LlmCall } from '../../src/reading/model/llm-call.js';
import type { LocatedCall } from '../../src/reading/calls/located-call.js';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import { recordCall } from '../../src/records/calls/record-call.js';
import { systemPromptOf, textOf, toolCallsOf } from '../../src/records/calls/call-text.js';
import { DEFAULT_RECORD_SETTINGS } from '../../src/records/model/record-settings.js';

/** The ground truth of one call, from what was fed to the library and what the model answered; never from the span. */
export interface ExpectedCall {
  readonly spanId: string;
  readonly acceptSpanIds?: readonly string[];
  readonly spanName: string;
  readonly prompt: string;
  readonly systemPrompt: string | null;
  readonly generation: string;
  readonly choices?: readonly string[];
  readonly model: string | null;
  readonly responseModel: string | null;
  readonly inputTokens: number | null;
  readonly inputTokensAccept?: readonly number[];
  readonly outputTokens: number | null;
  readonly cachedInputTokens?: number | null;
  readonly reasoningTokens?: number | null;
  readonly userId: string | null;
  readonly threadId: string | null;
  readonly finishReason: string | null;
  readonly toolCalls: readonly {
    readonly id?: string;
    readonly name: string;
    readonly arguments?: unknown;
  }[];
  readonly streaming: boolean;
  readonly error: unknown;
  readonly tags?: readonly string[];
  readonly temperature?: number | null;
  readonly maxTokens?: number | null;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Fields that the library wrote neither on this span nor on one above, so that no reader can find them. */
  readonly notRecorded?: readonly string[];
  readonly recordedOnAncestor?: Readonly<Record<string, string>>;
}

/** Spans of one run of a real library, and the ground truth of its calls. */
export interface Capture {
  readonly name: string;
  readonly library: string;
  readonly version?: string | undefined;
  readonly spans: readonly SpanLike[];
  readonly logs: readonly CapturedLog[];
  readonly contentLocation: string | undefined;
  readonly llmSpanCount: number;
  readonly calls: readonly ExpectedCall[];
}

/** A log record as the JS SDK hands it to a LogRecordProcessor. */
export interface CapturedLog {
  readonly eventName?: string;
  readonly body?: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly spanContext: { readonly traceId: string; readonly spanId: string };
}

const FOLDER = fileURLToPath(new URL('../fixtures/spans/', import.meta.url));

/** All captures in `test/fixtures/spans`, and in the folder that `TRUBRICS_MORE_CAPTURES` names. */
export function loadCaptures(): readonly Capture[] {
  const folders = [FOLDER, process.env.TRUBRICS_MORE_CAPTURES].filter((folder) => folder !== undefined);
  return folders.flatMap((folder) => loadCapturesOf(folder));
}

/** All captures of one folder. */
export function loadCapturesOf(folder: string): Capture[] {
  const suffix = '.expected.json';
  const names = readdirSync(folder).filter((file) => file.endsWith(suffix));
  return names.map((file) => loadCapture(folder, file.slice(0, -suffix.length)));
}

function loadCapture(folder: string, name: string): Capture {
  const read = (ending: string): unknown => JSON.parse(readFileSync(`${folder}/${name}${ending}`, 'utf8'));
  const expected = read('.expected.json') as Omit<Capture, 'name' | 'spans' | 'logs'>;
  const logs = existsSync(`${folder}/${name}.logs.json`) ? (read('.logs.json') as CapturedLog[]) : [];
  return {
    ...expected,
    name,
    library: expected.library ?? name,
    logs,
    spans: (read('.json') as RawSpan[]).map(revive),
  };
}

type RawSpan = Omit<SpanLike, 'spanContext'> & {
  readonly spanContext: ReturnType<SpanLike['spanContext']>;
  readonly nonFiniteAttributes?: Readonly<Record<string, string>>;
};

function revive({ spanContext, nonFiniteAttributes = {}, ...span }: RawSpan): SpanLike {
  const numbers = Object.entries(nonFiniteAttributes).map(([key, text]) => [key, Number(text)] as const);
  return {
    ...span,
    attributes: { ...span.attributes, ...Object.fromEntries(numbers) },
    spanContext: () => spanContext,
  };
}

/** Returns the call of the expected span, or of its parent: of two spans of one call, either may be the primary one. */
export function findCall(
  located: readonly LocatedCall[],
  expected: ExpectedCall,
  { spans }: Capture,
): LocatedCall | undefined {
  const accepted = new Set([expected.spanId, ...(expected.acceptSpanIds ?? [])]);
  const own = located.find(({ call }) => accepted.has(call.spanId));
  const span = spans.find((one) => one.spanContext().spanId === expected.spanId);
  const parentId = span?.parentSpanContext?.spanId ?? span?.parentSpanId;
  return own ?? located.find(({ call }) => call.spanId === parentId);
}

/** Returns what was read under the names of the ground truth: fields that the library recorded, and fields that must be absent. */
export function factsOf(
  { call, span, ancestors }: LocatedCall,
  expected: ExpectedCall,
): Record<string, unknown> {
  const { record, identity } = recordCall(call, { span, ancestors }, DEFAULT_RECORD_SETTINGS);
  const [first] = call.outputMessages;
  const toolCalls = first ? toolCallsOf(first) : [];
  const hasText = first?.parts.some((part) => part.type === 'text') ?? false;
  return pick(expected, {
    prompt: record.prompt,
    generation: hasText ? record.generation : '',
    // Google's ADK puts a sentence of its own before the system prompt.
    systemPrompt: systemPromptOf(call).endsWith(expected.systemPrompt || ' ')
      ? expected.systemPrompt
      : systemPromptOf(call) || null,
    model: call.requestModel ?? null,
    responseModel: call.responseModel ?? null,
    inputTokens: accept(call.usage.inputTokens, expected.inputTokensAccept, expected.inputTokens),
    outputTokens: call.usage.outputTokens ?? null,
    cachedInputTokens: call.usage.cacheReadTokens ?? null,
    reasoningTokens: call.usage.reasoningTokens ?? null,
    userId: identity.anonymous ? null : identity.userId,
    threadId: identity.threadId ?? null,
    finishReason: call.finishReasons[0] ?? null,
    toolCalls: describeCalls(toolCalls, expected),
    failed: call.error !== undefined,
    choices: choicesOf(call, span, expected),
    // A time to first token implies a stream, even if the library did not say so.
    streaming:
      call.timeToFirstToken === undefined
        ? (call.streaming ?? unlessWritten(span, /stream/i, expected.streaming))
        : expected.streaming,
    tags: call.tags,
    temperature: call.parameters.temperature ?? unlessWritten(span, /temperature/i, expected.temperature),
    maxTokens:
      call.parameters.maxTokens ??
      unlessWritten(span, /max_?(?:completion_?|output_?)?tokens/i, expected.maxTokens),
  });
}

/** Returns the choices that were read, and those that the span does not have: OpenLLMetry writes only the first of several. */
function choicesOf(call: LlmCall, span: SpanLike, { choices = [] }: ExpectedCall): readonly string[] {
  const written = JSON.stringify([span.attributes, span.events]);
  const read = call.outputMessages.map((message) => textOf(message, ''));
  return [...read, ...choices.filter((choice) => !written.includes(choice))];
}

/** Returns null if the span has an attribute of this name, otherwise the truth: libraries may omit parameters but not change them. */
function unlessWritten<T>(span: SpanLike, name: RegExp, truth: T): T | null {
  return Object.keys(span.attributes).some((key) => name.test(key)) ? null : truth;
}

export function truthOf(expected: ExpectedCall): Record<string, unknown> {
  return pick(expected, {
    ...expected,
    systemPrompt: expected.systemPrompt || null,
    finishReason: normaliseFinishReason(expected.finishReason) ?? null,
    toolCalls: describeCalls(expected.toolCalls, expected),
    failed: Boolean(expected.error),
  });
}

function describeCalls(calls: ExpectedCall['toolCalls'], { notRecorded = [] }: ExpectedCall): unknown[] {
  const hasIds = !notRecorded.includes('toolCalls.id');
  return calls.map(({ id, name, arguments: args }) => ({
    id: hasIds ? id : undefined,
    name,
    arguments: args,
  }));
}

const COMPARED = [
  'prompt',
  'generation',
  'choices',
  'systemPrompt',
  'model',
  'responseModel',
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'reasoningTokens',
  'userId',
  'threadId',
  'finishReason',
  'toolCalls',
  'failed',
  'streaming',
  'tags',
  'temperature',
  'maxTokens',
] as const;

/**
 * Returns the fields that the ground truth names. A field that the library did not record must be absent, because a wrong value would be
 * worse than none.
 */
function pick(expected: ExpectedCall, facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const unknown = new Set(expected.notRecorded);
  const named = COMPARED.filter((field) => field === 'failed' || field in expected);
  return Object.fromEntries(
    named.map((field) => [field, unknown.has(field) ? absent(facts[field], expected, field) : facts[field]]),
  );
}

function absent(fact: unknown, expected: ExpectedCall, field: (typeof COMPARED)[number]): unknown {
  const isAbsent = fact === null || fact === '' || (Array.isArray(fact) && fact.length === 0);
  const isPlaceholder = field === 'prompt' && typeof fact === 'string' && /^\[[\w ]+\]$/.test(fact);
  const isRight = isPlaceholder || (field !== 'failed' && normalise(fact) === normalise(expected[field]));
  return isAbsent || isRight ? null : fact;
}

function normalise(value: unknown): unknown {
  return normaliseFinishReason(value) ?? value;
}

function accept(
  actual: number | undefined,
  accepted: readonly number[] | undefined,
  truth: number | null,
): number | null {
  return actual !== undefined && accepted?.includes(actual) ? truth : (actual ?? null);
}
