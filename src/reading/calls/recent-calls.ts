import type { LlmCall } from '../model/llm-call.js';
import { hasContent } from './merge-calls.js';
import {
  fingerprintOf,
  isOtherCall,
  isSameCall,
  mergeFingerprints,
  type CallFingerprint,
} from './same-call.js';

/** Dedupe window: calls that ended longer ago are not the same as one that ends now. */
const MAX_AGE_MS = 60_000;
/** Calls that are kept at least, if they are young enough. The oldest are evicted at twice as many. */
const MAX_CALLS = 1_000;
/** Scopes that are remembered. Two suffice to know that several libraries trace; the limit bounds the memory. */
const MAX_SCOPES = 16;

/**
 * Remembers the fingerprints of the last minute's calls, so that a second span of a call is not counted again when it comes later:
 * in another batch, from another library or in another trace.
 */
export class RecentCalls {
  #calls: CallFingerprint[] = [];
  #spanIds = new Set<string | undefined>();
  #parentIds = new Set<string | undefined>();
  readonly #scopes = new Set<string | undefined>();
  /** True if an agent was recorded as a call. The span of its call may come later. */
  #hasAgents = false;

  /** Adds a call if it has content. A call without content makes no record, so it must not suppress one that has content. */
  addWithContent(call: LlmCall): void {
    if (hasContent(call)) this.add(call);
  }

  /** Adds a call, also one without content. */
  add(call: LlmCall): void {
    this.#calls.push(fingerprintOf(call));
    this.#spanIds.add(call.spanId);
    this.#hasAgents ||= call.operation === 'invoke_agent';
    if (call.parentSpanId !== undefined) this.#parentIds.add(call.parentSpanId);
    if (this.#scopes.size < MAX_SCOPES) this.#scopes.add(call.scope);
    if (this.#calls.length > 2 * MAX_CALLS) this.#evictOldest();
  }

  /**
   * Returns whether `call` is the same as a call that was added. That call then counts as described by the library of `call` too, so
   * that a second span of the library is another call.
   */
  claim(call: LlmCall): boolean {
    // As long as a single library traces, only a span directly above or below can be the same call.
    const isSingleScope =
      this.#scopes.size === 0 || (this.#scopes.size === 1 && this.#scopes.has(call.scope));
    if (isSingleScope && !this.#hasAgents && call.operation !== 'invoke_agent') return this.#isNested(call);
    const fingerprint = fingerprintOf(call);
    this.#calls = this.#calls.filter((known) => fingerprint.endTimeMs - known.endTimeMs <= MAX_AGE_MS);
    const at = this.#closest(fingerprint);
    const known = this.#calls[at];
    if (known) this.#calls[at] = mergeFingerprints(known, fingerprint);
    return known !== undefined;
  }

  /** Returns whether a call is the one directly above or below it, however long ago that ended. */
  #isNested(call: LlmCall): boolean {
    if (!this.#spanIds.has(call.parentSpanId) && !this.#parentIds.has(call.spanId)) return false;
    if (call.runId === undefined) return true;
    const fingerprint = fingerprintOf(call);
    return !this.#calls.some(
      (known) =>
        (known.spanId === call.parentSpanId || known.parentSpanId === call.spanId) &&
        isOtherCall(known, fingerprint),
    );
  }

  /** Returns the place of the same call. Of several, as when users ask the same at one time: that of the closest start; -1 of none. */
  #closest(fingerprint: CallFingerprint): number {
    let closest = -1;
    let closestMs = Infinity;
    for (const [at, known] of this.#calls.entries()) {
      const distanceMs = Math.abs(known.startTimeMs - fingerprint.startTimeMs);
      if (distanceMs >= closestMs || !isSameCall(known, fingerprint)) continue;
      [closest, closestMs] = [at, distanceMs];
    }
    return closest;
  }

  #evictOldest(): void {
    this.#calls = this.#calls.slice(-MAX_CALLS);
    this.#spanIds = new Set(this.#calls.map((call) => call.spanId));
    this.#parentIds = new Set(this.#calls.map((call) => call.parentSpanId).filter((id) => id !== undefined));
  }
}
