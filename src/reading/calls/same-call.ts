import type { LlmCall } from '../model/llm-call.js';
import { fnv1a } from '../../common/fnv1a.js';

/** The values by which two spans of one call are recognised. Small: it is kept after the call itself is gone. */
export interface CallFingerprint {
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly scope: string | undefined;
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  readonly responseId: string | undefined;
  readonly models: readonly string[];
  /** Ids of the tool calls, else length and hash of the answer's text. Empty without an answer. */
  readonly answer: string;
}

/** Characters that are hashed at each end of an answer. Together with the length they tell answers apart at a constant cost. */
const END_LENGTH = 128;

/** Returns the fingerprint of a call. */
export function fingerprintOf(call: LlmCall): CallFingerprint {
  return {
    spanId: call.spanId,
    parentSpanId: call.parentSpanId,
    scope: call.scope,
    startTimeMs: call.startTimeMs,
    endTimeMs: call.endTimeMs,
    responseId: call.responseId,
    models: [call.requestModel, call.responseModel].filter((model) => model !== undefined),
    answer: answerOf(call),
  };
}

/**
 * Returns whether two spans are of one call: one is the parent of the other, or two libraries traced the call side by side.
 *
 * Side by side, the scopes must differ and the times overlap. If both have a response id, equal ids decide. Otherwise model and
 * answer must be equal and one span must enclose the other. The last rule is a guess: it merges two identical calls that are made
 * at the same time through two libraries.
 */
export function isSameCall(a: CallFingerprint, b: CallFingerprint): boolean {
  if (a.spanId === b.parentSpanId || b.spanId === a.parentSpanId) return true;
  if (a.scope === undefined || b.scope === undefined || a.scope === b.scope || !overlap(a, b)) return false;
  if (a.responseId !== undefined && b.responseId !== undefined) return a.responseId === b.responseId;
  if (a.answer === '' || a.answer !== b.answer) return false;
  return a.models.some((model) => b.models.includes(model)) && (contains(a, b) || contains(b, a));
}

/** Returns whether `a` is the primary span: the enclosing one. A framework's span encloses the provider SDK's. */
export function isPrimary(a: LlmCall, b: LlmCall): boolean {
  return a.startTimeMs < b.startTimeMs || (a.startTimeMs === b.startTimeMs && a.endTimeMs >= b.endTimeMs);
}

function overlap(a: CallFingerprint, b: CallFingerprint): boolean {
  return a.startTimeMs <= b.endTimeMs && b.startTimeMs <= a.endTimeMs;
}

function contains(outer: CallFingerprint, inner: CallFingerprint): boolean {
  return outer.startTimeMs <= inner.startTimeMs && inner.endTimeMs <= outer.endTimeMs;
}

function answerOf(call: LlmCall): string {
  const parts = call.outputMessages[0]?.parts ?? [];
  const ids = parts.flatMap((part) => (part.type === 'tool_call' && part.id !== undefined ? [part.id] : []));
  if (ids.length > 0) return ids.join(' ');
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return text === '' ? '' : `${text.length}:${hashOfEnds(text)}`;
}

/** Hashes the first and the last {@link END_LENGTH} characters, or the whole text if it is shorter. */
function hashOfEnds(text: string): number {
  return fnv1a(text.length > 2 * END_LENGTH ? text.slice(0, END_LENGTH) + text.slice(-END_LENGTH) : text);
}
