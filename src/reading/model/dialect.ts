import type { LlmCall } from './llm-call.js';
import type { SpanLike } from './span-like.js';
import type { NamedAttributes, SpanAttributes } from './attributes.js';

/** A span as a dialect sees it: its attributes completed by the content that travelled beside it. */
export interface SpanView extends NamedAttributes {
  readonly span: SpanLike;
}

/**
 * What a span is to a dialect.
 *
 * - `llm`: an inference call, the only kind that becomes a record.
 * - `barrier`: a tool, an agent, a workflow. LLM calls below it are calls of their own, not parts of a call above it.
 * - `other`: anything else that this dialect wrote.
 */
export type SpanRole = 'llm' | 'callBoundary' | 'other';

/** What a dialect alone can read. The rest (ids, times, identity, tags, resource) is the same for all and is added by the caller. */
export type DialectReading = Pick<LlmCall, 'operation'> & {
  readonly [K in ReadByDialect]?: LlmCall[K] | undefined;
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
  | 'error'
  | 'truncated'
  | 'inputTruncated'
  /** Of a span that does not last as long as the call. */
  | 'startTimeMs';

/** One convention for writing LLM calls on spans: how to recognise it, and how to read it. */
export interface Dialect {
  /** Shown as the property `dialect` of a record. */
  readonly name: string;
  /**
   * Attributes of which every call, tool and agent in this dialect has at least one. Spans without any signal are let go after one
   * look at each of their attributes.
   */
  readonly markerAttributes: readonly string[];
  /** What a span with one of the signals is, or `undefined` when it is not written in this dialect. Keep it cheap. */
  recognise(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined;
  /** Reads a span that {@link Dialect.recognise} called `llm`. */
  read(view: SpanView): DialectReading;
  /**
   * What only the spans above the call know, nearest first: given what {@link Dialect.read} found, returns what to put in its
   * place. Never counts, finish reasons or times: spans above hold those of several calls.
   */
  readAbove?(reading: DialectReading, ancestors: readonly SpanLike[]): ReadAbove;
}

/** What a dialect may take from the spans above a call. */
export type ReadAbove = Partial<
  Pick<
    DialectReading,
    'systemInstructions' | 'inputMessages' | 'outputMessages' | 'metadata' | 'truncated' | 'inputTruncated'
  >
>;
