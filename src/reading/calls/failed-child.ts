import { errorOf } from '../dialects/read-llm-call.js';
import { isBoundary, type SpanRole } from '../model/dialect.js';
import type { LlmCall } from '../model/llm-call.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import { hasOutput } from './merge-calls.js';

const STATUS_ERROR = 2;

/**
 * Returns whether the outcome of a span is that of the call of its parent: one library wrote both, and the span is neither a call of its
 * own nor a tool or agent. LiveKit sets the status on the span of an attempt alone.
 */
export function sharesOutcome(child: SpanLike, parent: SpanLike, role: SpanRole | undefined): boolean {
  if (role === 'llm' || (role !== undefined && isBoundary(role))) return false;
  return scopeNameOf(child) === scopeNameOf(parent);
}

/** Returns the error of a span with the status ERROR. */
export function statusErrorOf(span: SpanLike): LlmCall['error'] {
  return span.status?.code === STATUS_ERROR ? errorOf(span) : undefined;
}

/** Returns a call without output that a child failed as a failed call. An attempt that failed before the answer changes nothing. */
export function withChildError(call: LlmCall, error: LlmCall['error']): LlmCall {
  return error && !call.error && !hasOutput(call) ? { ...call, error } : call;
}
