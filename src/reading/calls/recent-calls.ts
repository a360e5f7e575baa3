import type { LlmCall } from '../model/llm-call.js';
import { fingerprintOf, isSameCall, type CallFingerprint } from './same-call.js';

/** Calls that ended longer ago are not the same as one that ends now. */
const MAX_AGE_MS = 60_000;
const MAX_CALLS = 1_000;

/**
 * Remembers the calls of the last minute, not their text, so that a second span of a call is not counted again when it comes
 * later, from another instrumentation, beside the first or in another trace.
 */
export class RecentCalls {
  #calls: CallFingerprint[] = [];
  #spanIds = new Set<string | undefined>();
  #parentIds = new Set<string | undefined>();
  readonly #scopes = new Set<string | undefined>();

  remember(call: LlmCall): void {
    this.#calls.push(fingerprintOf(call));
    this.#spanIds.add(call.spanId);
    if (call.parentSpanId !== undefined) this.#parentIds.add(call.parentSpanId);
    if (this.#scopes.size < 16) this.#scopes.add(call.scope);
    if (this.#calls.length > 2 * MAX_CALLS) this.#forgetHalf();
  }

  knows(call: LlmCall): boolean {
    // As long as one library alone writes, a call can have been traced twice only by a span right above or below.
    const alone = this.#scopes.size === 0 || (this.#scopes.size === 1 && this.#scopes.has(call.scope));
    if (alone) return this.#spanIds.has(call.parentSpanId) || this.#parentIds.has(call.spanId);
    const print = fingerprintOf(call);
    this.#calls = this.#calls.filter((known) => print.endTimeMs - known.endTimeMs <= MAX_AGE_MS);
    return this.#calls.some((known) => isSameCall(known, print));
  }

  #forgetHalf(): void {
    this.#calls = this.#calls.slice(-MAX_CALLS);
    this.#spanIds = new Set(this.#calls.map((call) => call.spanId));
    this.#parentIds = new Set(this.#calls.map((call) => call.parentSpanId).filter((id) => id !== undefined));
  }
}
