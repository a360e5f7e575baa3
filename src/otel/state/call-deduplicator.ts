import { startBackgroundTimer, type Timer } from '../../common/background-timer.js';
import type { ContextIdentity } from '../../common/context-identity.js';
import { CallMerger, mergeSameCall } from '../../reading/calls/deduplicate-calls.js';
import type { LocatedCall } from '../../reading/calls/located-call.js';
import { RecentCalls } from '../../reading/calls/recent-calls.js';
import { comparedCall } from './telemetry-listeners.js';

/** LLM call of a span that ended, with the context identity at its start. */
export interface FinishedCall extends LocatedCall {
  readonly contextIdentity: ContextIdentity | undefined;
  /** Position of the span's start among the starts of all spans. */
  readonly startOrder: number;
}

/** Longest time that a call waits for a second span of the same call. Both end within milliseconds of each other. */
const WAIT_MS = 1_000;
/** Above this number of waiting calls, all are released. */
const MAX_WAITING = 1_000;

/**
 * Merges spans that two instrumentations made for one call. If another library's LLM span is open when a call ends, the call waits up
 * to 1 s for it; otherwise it is released at once. A span that comes later, within a minute, is counted as a duplicate.
 */
export class CallDeduplicator {
  readonly #release: (call: FinishedCall) => void;
  readonly #onDuplicate: (call?: FinishedCall) => void;
  readonly #recentCalls = new RecentCalls();
  readonly #waiting: CallMerger<FinishedCall>;
  #timer: Timer | undefined;

  /** `onDuplicate` gets a call of an earlier record. `onMerged` gets one that became a part of another call, before it is counted. */
  constructor(
    release: (call: FinishedCall) => void,
    onDuplicate: (call?: FinishedCall) => void,
    onMerged: (part: FinishedCall, into: FinishedCall) => void = () => undefined,
  ) {
    this.#release = release;
    this.#onDuplicate = onDuplicate;
    this.#waiting = new CallMerger((known, next) => {
      const merged = mergeFinished(known, next);
      onMerged(merged.call.spanId === known.call.spanId ? next : known, merged);
      return merged;
    });
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Adds a call that ended. `mayRepeat`: an LLM span of another library is open, which may describe the same call. */
  add(next: FinishedCall, mayRepeat: boolean): void {
    const merged = this.#waiting.merge(next);
    if (merged === 'duplicate') this.#onDuplicate();
    else if (merged === undefined) this.#addNew(next);
    if (!mayRepeat || this.#waiting.size > MAX_WAITING) this.releaseAll();
    else this.#timer ??= startBackgroundTimer(WAIT_MS, () => this.releaseAll());
  }

  /** Releases every call that waits. */
  releaseAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const finished of this.#waiting.takeAll()) {
      this.#recentCalls.addWithContent(comparedCall(finished.call));
      this.#release(finished);
    }
  }

  #addNew(next: FinishedCall): void {
    if (this.#recentCalls.claim(comparedCall(next.call))) this.#onDuplicate(next);
    else this.#waiting.add(next);
  }
}

function mergeFinished(known: FinishedCall, next: FinishedCall): FinishedCall {
  return {
    ...mergeSameCall(known, next),
    contextIdentity: known.contextIdentity ?? next.contextIdentity,
    startOrder: Math.min(known.startOrder, next.startOrder),
  };
}
