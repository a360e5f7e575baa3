import { contentAdvice } from './content-advice.js';

/** Why a span became a record, or what else became of it. {@link TEXTS} says it in words. */
export type SpanReason = keyof typeof TEXTS;

/** Outcome of a span, in one word. */
export type SpanOutcome = 'recorded' | 'event' | 'merged' | 'held' | 'skipped' | 'dropped' | 'no_call';

/** A span, without any of its contents, and what became of it. */
export interface ExplainedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  /** Name of the instrumentation scope, which is the library that made the span. */
  readonly scope: string;
  /** Value of the record's property `dialect`. Undefined for a span that is no part of an LLM call. */
  readonly dialect?: string | undefined;
  readonly reason: SpanReason;
  /** Record, or span, that it became a part of. */
  readonly partOf?: string | undefined;
  /** Number of spans of this scope that the explanation is about. Default: 1. */
  readonly count?: number | undefined;
}

/** A span with the reason in words. */
export interface SpanExplanation extends ExplainedSpan {
  readonly outcome: SpanOutcome;
  readonly explanation: string;
  /** Advice on how to get the span recorded. Undefined if nothing is wrong. */
  readonly advice?: string;
}

type Text = readonly [outcome: SpanOutcome, explanation: string, advice?: string];

/** The reasons of `stats().skipped`, and of what is not counted there (pipeline/skip-reason.ts). */
const TEXTS = {
  recorded: ['recorded', 'it is a prompt record'],
  error_event: [
    'event',
    'the call failed: it is an event',
    'The option errors: "record" makes a record of it.',
  ],
  same_call: ['merged', 'it is a part of the record of another span of the same call'],
  calls_below: ['merged', 'the LLM calls below it are recorded instead of it'],
  open: [
    'held',
    'it has not ended',
    'A call is recorded when its span ends: a stream, when it has been read.',
  ],
  resource: ['held', 'it waits for attributes of its resource, 5 s at most'],
  span_below: ['held', 'it waits for a span below it to end, 30 s at most'],
  span_above: ['held', 'it waits for the agent above it, 30 s at most'],
  outer_span: ['held', 'it waits for the end of the span around it'],
  other_library: ['held', 'it waits for a span of another library, 1 s at most'],
  turn: ['held', 'it waits for the other calls of its turn, 10 min at most'],
  no_content: ['skipped', 'it has no prompt or answer'],
  no_call: [
    'skipped',
    'it looks like a call, and no LLM span belongs to it',
    'Add the instrumentation of the library that calls the model, and let no filter remove its spans.',
  ],
  error: ['skipped', 'the call failed, and the option errors is "skip"'],
  redacted: ['skipped', 'redact() returned undefined'],
  duplicate: ['skipped', 'its call was recorded from another span'],
  unreadable: ['skipped', 'it cannot be read', 'Please report it, with the names of its attributes.'],
  opted_out: ['skipped', 'it is opted out: trubrics.record is false, or withTrubrics({ record: false })'],
  sampled_out: ['skipped', 'its user is not in the sample of samplingRatio'],
  redaction_failed: ['dropped', 'redact() threw, or returned no record'],
  no_llm_span: ['no_call', 'no LLM call is written on it'],
} as const satisfies Record<string, Text>;

/** All reasons, in the order of the way of a call. */
export const SPAN_REASONS = Object.keys(TEXTS) as readonly SpanReason[];

/** Adds the reason in words, and what to change. */
export function explainSpan(span: ExplainedSpan): SpanExplanation {
  const [outcome, explanation, advice]: Text = TEXTS[span.reason];
  const toChange =
    span.reason === 'no_content'
      ? `To get prompt and answer, ${contentAdvice(span.scope, span.dialect)}.`
      : advice;
  return { ...span, outcome, explanation, ...(toChange !== undefined && { advice: toChange }) };
}
