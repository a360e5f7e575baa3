import { hasContent } from '../../reading/calls/merge-calls.js';
import { mergeSameCall, type LocatedCall } from '../../reading/calls/deduplicate-calls.js';
import { fingerprintOf, isSameCall } from '../../reading/calls/same-call.js';
import { RecentCalls } from '../../reading/calls/recent-calls.js';
import type { ContextIdentity } from '../../common/context-identity.js';
import { startBackgroundTimer, type Timer } from '../../common/background-timer.js';

/** A finished call on its way to being recorded. */
export interface FinishedCall extends LocatedCall {
  readonly contextIdentity: ContextIdentity | undefined;
}

/** How long a call waits for a second span of the same call. Both end within milliseconds of each other. */
const HOLD_MS = 1_000;
const MAX_HELD = 1_000;

/**
 * Joins the spans that several instrumentations made of one call. Spans of one call overlap in time: while another library is in
 * the middle of a call, one that ends is held, a second at most, so that what the other says can be added. Otherwise nothing is.
 */
export class CallDeduplicator {
  readonly #release: (call: FinishedCall) => void;
  readonly #onDuplicate: () => void;
  readonly #memory = new RecentCalls();
  #held: FinishedCall[] = [];
  #timer: Timer | undefined;

  constructor(release: (call: FinishedCall) => void, onDuplicate: () => void) {
    this.#release = release;
    this.#onDuplicate = onDuplicate;
  }

  /** Takes a call that has ended. `mayBeJoined`: another library is in the middle of a call. */
  add(next: FinishedCall, mayBeJoined: boolean): void {
    if (!this.#joins(next)) {
      if (this.#memory.has(next.call)) this.#onDuplicate();
      else this.#held.push(next);
    }
    if (!mayBeJoined || this.#held.length > MAX_HELD) this.releaseAll();
    else this.#timer ??= startBackgroundTimer(HOLD_MS, () => this.releaseAll());
  }

  /** Records everything that is held. */
  releaseAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#held;
    this.#held = [];
    for (const finished of held) {
      // A span without content is no record: it must not make a duplicate of one that has it.
      if (hasContent(finished.call)) this.#memory.add(finished.call);
      this.#release(finished);
    }
  }

  /** Whether the call is one that is held, and completes it. */
  #joins(next: FinishedCall): boolean {
    if (this.#held.length === 0) return false;
    const print = fingerprintOf(next.call);
    const at = this.#held.findIndex(({ call }) => isSameCall(fingerprintOf(call), print));
    const same = this.#held[at];
    if (!same) return false;
    this.#held[at] = {
      ...mergeSameCall(same, next),
      contextIdentity: same.contextIdentity ?? next.contextIdentity,
    };
    if (hasContent(same.call) && hasContent(next.call)) this.#onDuplicate();
    return true;
  }
}
