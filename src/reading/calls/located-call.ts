import type { LlmCall } from '../model/llm-call.js';
import type { SpanLike } from '../model/span-like.js';

/** A call, the span that it was read from, and the spans above that, nearest first. */
export interface LocatedCall {
  readonly call: LlmCall;
  readonly span: SpanLike;
  readonly ancestors: readonly SpanLike[];
}
