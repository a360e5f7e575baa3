import type { LlmCall } from './llm-call.js';
import type { SpanLike } from './span-like.js';
import type { NamedAttributes, SpanAttributes } from './attributes.js';

/** A span as a dialect sees it. The attributes include the content from the side channel (common/content-channel.ts). */
export interface SpanView extends NamedAttributes {
  readonly span: SpanLike;
}

/**
 * The role of a span in its dialect.
 *
 * - `llm`: an inference call, which becomes a record.
 * - `agent`: a call boundary that becomes a record if it has question and answer and no LLM call was recorded below it.
 * - `callBoundary`: a tool or a workflow. An LLM span below it is a separate call, not a part of a call above it.
 * - `unclear`: a span that looks like a call but is none of its own. It is counted as skipped if no LLM span is above or below it.
 * - `other`: any other span of this dialect.
 */
export type SpanRole = 'llm' | 'agent' | 'callBoundary' | 'unclear' | 'other';

/** Returns whether a span of this role separates the LLM calls below it from a call above it. */
export function isBoundary(role: SpanRole): boolean {
  return role === 'agent' || role === 'callBoundary';
}

/**
 * The members of a call that depend on the dialect. The caller adds ids, times, identity, tags and resource, which all dialects share. A
 * dialect may change the reading that a function of another made for it: a copy with other members costs more (test/bench/reading.mjs).
 */
export type DialectReading = { -readonly [K in 'operation']: LlmCall[K] } & {
  [K in ReadByDialect]?: LlmCall[K] | undefined;
};

type ReadByDialect =
  | 'provider'
  | 'requestModel'
  | 'responseModel'
  | 'responseId'
  | 'systemInstructions'
  | 'inputMessages'
  | 'outputMessages'
  | 'parameters'
  | 'usage'
  | 'finishReasons'
  | 'streaming'
  | 'timeToFirstToken'
  | 'metadata'
  | 'promptTemplate'
  | 'runId'
  | 'cached'
  | 'aborted'
  | 'error'
  | 'truncated'
  | 'inputTruncated'
  | 'isFrame'
  /** Set if the span does not last as long as the call. */
  | 'startTimeMs';

/** Spans that fulfil any of these conditions. */
export interface GenAiSpans {
  /** Beginnings of the name of the instrumentation scope. */
  readonly scopes?: readonly string[];
  /** Names of spans. */
  readonly names?: readonly string[];
  /** Values of `gen_ai.provider.name` or `gen_ai.system`. */
  readonly providers?: readonly string[];
}

/** A convention for writing LLM calls on spans: recognises its spans and reads them. */
export interface Dialect {
  /** Value of the record's property `dialect`. */
  readonly name: string;
  /**
   * Names of attributes. Every LLM, tool and agent span of this dialect must have at least one of them: {@link Dialect.recognise} is
   * called only for spans that do.
   */
  readonly markerAttributes: readonly string[];
  /**
   * Spans that this dialect may claim if their only markers are general names (`gen_ai.*`), which many libraries write. Default: all. It
   * spares every GenAI span a call of {@link Dialect.recognise} for each vendor.
   */
  readonly genAiSpans?: GenAiSpans;
  /**
   * Returns the role of a span that has a marker attribute, or `undefined` if the span is not of this dialect. Runs at the start and
   * the end of such spans, so it must be cheap.
   */
  recognise(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined;
  /** Reads a span whose role is `llm`. */
  read(view: SpanView): DialectReading;
  /**
   * Reads content that stands only on the spans above the call (`ancestors`, nearest first) and returns the members that replace those
   * of `reading`. It must not return counts, finish reasons or times: the spans above hold sums of several calls.
   */
  readAbove?(reading: DialectReading, ancestors: readonly SpanLike[]): ReadAbove;
  /**
   * True if the library writes a span for every LLM call of its agents. An agent span with no such span below it then belongs to a
   * trace that was filtered, and does not become a record.
   */
  readonly hasSpanForEveryCall?: true;
}

/** The members that a dialect may take from the spans above a call. */
export type ReadAbove = Partial<
  Pick<
    DialectReading,
    'systemInstructions' | 'inputMessages' | 'outputMessages' | 'metadata' | 'truncated' | 'inputTruncated'
  >
>;
