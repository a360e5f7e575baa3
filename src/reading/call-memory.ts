import type { LlmCall } from './llm-call.js';
import { fingerprintOf, isSameCall, type CallFingerprint } from './same-call.js';

/** Calls that ended longer ago are not the same as one that ends now. */
const MAX_AGE_MS = 60_000;
const MAX_CALLS = 1_000;

/**
 * Remembers the calls of the last minute, not their text, so that a second span of a call is not counted again when it comes
 * later, from another instrumentation, beside the first or in another trace.
 */
export class CallMemory {
  #calls: CallFingerprint[] = [];
  readonly #scopes = new Set<string | undefined>();

  remember(call: LlmCall): void {
    this.#calls.push(fingerprintOf(call));
    if (this.#scopes.size < 16) this.#scopes.add(call.scope);
    if (this.#calls.length > 2 * MAX_CALLS) this.#calls = this.#calls.slice(-MAX_CALLS);
  }

  knows(call: LlmCall): boolean {
    // As long as one library alone writes, no call can have been traced twice.
    if (this.#scopes.size === 0 || (this.#scopes.size === 1 && this.#scopes.has(call.scope))) return false;
    const print = fingerprintOf(call);
    this.#calls = this.#calls.filter((known) => print.endTimeMs - known.endTimeMs <= MAX_AGE_MS);
    return this.#calls.some((known) => isSameCall(known, print));
  }
}
