import { backoffMs } from './backoff.js';
import type { BreakerState } from '../model/settlement.js';

/** How often a refused key is tried again: somebody may have corrected it on the other side. */
export const UNAUTHORIZED_PROBE_MS = 60_000;
/** However often a parked queue is flushed, it is not tried more often than this. */
const PARKED_SHORTEST_MS = 1_000;

/**
 * Lets batches through, or holds all of them back until one common time. After that one batch, the probe, goes ahead; its
 * outcome opens the gate or closes it for longer.
 *
 *     open ──fail──▶ backing-off ──(time)──▶ probing ──pass──▶ open
 *     open ──park──▶ parked ──────(time)──▶ probing ──fail, park──▶ backing-off, parked
 */
export class CircuitBreaker {
  #state: BreakerState = 'sending';
  /** Failed probes and the failure before them; the backoff grows with it. */
  #failures = 0;
  #closedAt = 0;
  /** Our own wish. A flush may pull it in. */
  #notBefore = 0;
  /** What the server asked for with `Retry-After`. Nothing pulls it in. */
  #serverNotBefore = 0;

  get state(): BreakerState {
    return this.#state;
  }

  /** When a batch may go through: in the past when open, never while a probe is under way. */
  get opensAt(): number {
    switch (this.#state) {
      case 'sending':
        return 0;
      case 'probing':
        return Number.POSITIVE_INFINITY;
      case 'backing-off':
      case 'unauthorized':
        return Math.max(this.#notBefore, this.#serverNotBefore);
      default: {
        const unreachable: never = this.#state;
        return unreachable;
      }
    }
  }

  /** Takes a batch through. `true`: it is the probe, and whoever sends it has to report that with its outcome. */
  enter(): boolean {
    if (this.#state === 'sending') return false;
    this.#state = 'probing';
    return true;
  }

  /** A batch got an answer that shows the other side working. `true`: that ended an outage. */
  pass(isProbe: boolean): boolean {
    if (!this.#decides(isProbe)) return false;
    const wasOpen = this.#state === 'sending';
    this.#state = 'sending';
    this.#failures = 0;
    return !wasOpen;
  }

  /** A batch failed and will be repeated. `true`: that began an outage. */
  fail(nowMs: number, isProbe: boolean, random: () => number, retryAfterMs = 0): boolean {
    this.#serverNotBefore = Math.max(this.#serverNotBefore, nowMs + retryAfterMs);
    if (!this.#decides(isProbe)) return false;
    const wasOpen = this.#state === 'sending';
    this.#failures++;
    this.#close('backing-off', nowMs, backoffMs(this.#failures, random));
    return wasOpen;
  }

  /** The key was refused. */
  park(nowMs: number, isProbe: boolean): void {
    if (!this.#decides(isProbe)) return;
    this.#close('unauthorized', nowMs, UNAUTHORIZED_PROBE_MS);
  }

  /** The probe said nothing about this gate: the next batch is the probe. */
  returnProbe(nowMs: number, isProbe: boolean): void {
    if (isProbe) this.#close('backing-off', nowMs, 0);
  }

  /** Somebody waits for the queue to empty: try now rather than later, unless the server asked for time. */
  hurry(nowMs: number): void {
    const earliest = this.#state === 'unauthorized' ? this.#closedAt + PARKED_SHORTEST_MS : nowMs;
    this.#notBefore = Math.min(this.#notBefore, Math.max(earliest, nowMs));
  }

  #close(state: 'backing-off' | 'unauthorized', nowMs: number, delayMs: number): void {
    this.#state = state;
    this.#closedAt = nowMs;
    this.#notBefore = nowMs + delayMs;
  }

  /** Of batches that were sent together the first failure closes the gate; what the others meet says nothing new. */
  #decides(isProbe: boolean): boolean {
    return this.#state === 'sending' || (this.#state === 'probing' && isProbe);
  }
}
