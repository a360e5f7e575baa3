import type { LlmCall } from '../model/llm-call.js';

/** What tells one call from another, small enough to be remembered after the call itself is gone. */
export interface CallFingerprint {
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly scope: string | undefined;
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  readonly responseId: string | undefined;
  readonly models: readonly string[];
  /** Ids of the tool calls, else length and hash of the text's two ends; empty without an answer. */
  readonly answer: string;
}

/** Characters that are looked at of each end of an answer: enough, with its length, to tell answers apart, and cheap. */
const END_LENGTH = 128;

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
 * Whether two calls are one call that was traced twice: one directly below the other, or by two instrumentations beside each other
 * or in two traces.
 *
 * The latter must come from different scopes and overlap in time. Then an equal response id proves it and a different one refutes it;
 * without ids, the same model must have given the same answer, with one span lying within the other. That last is a guess: it
 * can merge two identical calls made at once through two libraries.
 */
export function isSameCall(a: CallFingerprint, b: CallFingerprint): boolean {
  if (a.spanId === b.parentSpanId || b.spanId === a.parentSpanId) return true;
  if (a.scope === undefined || b.scope === undefined || a.scope === b.scope || !overlap(a, b)) return false;
  if (a.responseId !== undefined && b.responseId !== undefined) return a.responseId === b.responseId;
  if (a.answer === '' || a.answer !== b.answer) return false;
  return a.models.some((model) => b.models.includes(model)) && (contains(a, b) || contains(b, a));
}

/** Which of two spans of one call speaks: the one around the other, as the framework's is around the provider's. */
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

/** FNV-1a, 32 bits: a fingerprint, no protection. */
function hashOfEnds(text: string): number {
  const { length } = text;
  let value = 0x811c9dc5;
  for (let at = 0; at < length; at += 1) {
    if (at === END_LENGTH) at = Math.max(at, length - END_LENGTH);
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}
