import type { EntryKind } from '../../destinations/destination.js';
import { forEachKind } from '../model/queued-entry.js';
import type { BreakerState } from '../model/delivery-stats.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';

/*
 * The breaker: when the next request may start.
 *
 *     sending ──failure──▶ backing-off ──(time)──▶ probing ──success──▶ sending
 *     sending ──401, 403─▶ unauthorized ─(time)──▶ probing ──failure──▶ backing-off or unauthorized
 *
 * - In `sending`, requests start freely. The first failure of several concurrent requests decides; the others add nothing.
 * - In `backing-off` and `unauthorized` no request starts before one common time. Then one batch starts, the probe.
 * - The result of the probe decides: back to `sending`, or a longer wait. Meanwhile no other request starts.
 * - The wait grows with each failed probe (full jitter, 1 s to 30 s). `Retry-After` is the least wait. A flush skips the backoff,
 *   but not `Retry-After`. Refused credentials are tested each minute.
 * - A batch passes two breakers: that of the destination, and that of its kind. A failing path of one kind does not stop the other.
 *
 * Other libraries call these states closed (requests pass), open and half-open. Here no state is called open or closed.
 */

/** The interval at which refused credentials are tested: somebody may have corrected them at the destination. */
export const UNAUTHORIZED_PROBE_MS = 60_000;
/** The shortest interval of such tests, however often the delivery is flushed. */
const MIN_UNAUTHORIZED_PROBE_MS = 1_000;

const FIRST_WINDOW_MS = 1_000;
const MAX_WINDOW_MS = 30_000;
/** The shortest backoff. Full jitter alone can draw zero, right after the server has failed. */
const MIN_BACKOFF_MS = 100;

/** Returns the backoff with full jitter: a random part of a window that doubles from 1 s to 30 s. `failures` counts from 1. */
export function backoffMs(failures: number, random: () => number): number {
  const windowMs = Math.min(FIRST_WINDOW_MS * 2 ** (failures - 1), MAX_WINDOW_MS);
  return Math.max(random() * windowMs, MIN_BACKOFF_MS);
}

/** Tells for which breakers a batch is the probe. */
export interface Probes {
  readonly destination: boolean;
  readonly kind: boolean;
}

/** A failure, as far as the breakers need it. */
export interface BreakerFailure {
  /** `destination`: nothing gets through, for instance no connection or 429. `kind`: perhaps only the path of this kind fails. */
  readonly scope: 'destination' | 'kind';
  readonly retryAfterMs?: number;
}

/** The breakers that each batch has to pass: that of the destination, and that of its kind. */
export class Breakers {
  readonly #destination = new BackoffBreaker();
  readonly #kinds = forEachKind(() => new BackoffBreaker());
  readonly #all: readonly BackoffBreaker[] = [this.#destination, ...Object.values(this.#kinds)];
  readonly #runtime: DeliveryRuntime;
  readonly #random: () => number;

  constructor(runtime: DeliveryRuntime) {
    this.#runtime = runtime;
    this.#random = () => runtime.random();
  }

  /** The state of the first breaker that is not `sending`. */
  get state(): BreakerState {
    return this.#all.find((breaker) => breaker.state !== 'sending')?.state ?? 'sending';
  }

  /** Returns when a batch of this kind may start. In the past: now. Infinity: not before a probe has ended. */
  nextStartMs(kind: EntryKind): number {
    return Math.max(this.#destination.nextStartMs, this.#kinds[kind].nextStartMs);
  }

  /** Call when a batch starts. Pass what it returns to the method for the result. */
  onStart(kind: EntryKind): Probes {
    return { destination: this.#destination.onStart(), kind: this.#kinds[kind].onStart() };
  }

  onSuccess(kind: EntryKind, probes: Probes): void {
    this.#destination.onSuccess(probes.destination);
    this.#kinds[kind].onSuccess(probes.kind);
  }

  onFailure(kind: EntryKind, probes: Probes, { scope, retryAfterMs }: BreakerFailure): void {
    const now = this.#runtime.now();
    if (scope === 'destination') {
      this.#destination.onFailure(now, probes.destination, this.#random, retryAfterMs);
      this.#kinds[kind].onInconclusive(now, probes.kind);
    } else {
      this.#destination.onSuccess(probes.destination);
      this.#kinds[kind].onFailure(now, probes.kind, this.#random);
    }
  }

  onUnauthorized(kind: EntryKind, probes: Probes): void {
    const now = this.#runtime.now();
    this.#destination.onUnauthorized(now, probes.destination);
    this.#kinds[kind].onInconclusive(now, probes.kind);
  }

  /** The request was aborted by us. If it was the probe, the next request is. */
  onInconclusive(kind: EntryKind, probes: Probes): void {
    const now = this.#runtime.now();
    this.#destination.onInconclusive(now, probes.destination);
    this.#kinds[kind].onInconclusive(now, probes.kind);
  }

  /** Lets the next request start now rather than later, because a flush awaits it. */
  onFlush(): void {
    for (const breaker of this.#all) breaker.onFlush(this.#runtime.now());
  }
}

/** One breaker. See the top of this file. */
class BackoffBreaker {
  #state: BreakerState = 'sending';
  /** The first failure and the failed probes after it. The backoff grows with it. */
  #failures = 0;
  #failedAtMs = 0;
  /** The end of the backoff. A flush moves it forward. */
  #notBeforeMs = 0;
  /** The end of the server's `Retry-After`. A flush does not move it. */
  #serverNotBeforeMs = 0;

  get state(): BreakerState {
    return this.#state;
  }

  get nextStartMs(): number {
    switch (this.#state) {
      case 'sending':
        return 0;
      case 'probing':
        return Number.POSITIVE_INFINITY;
      case 'backing-off':
      case 'unauthorized':
        return Math.max(this.#notBeforeMs, this.#serverNotBeforeMs);
      default: {
        const unreachable: never = this.#state;
        return unreachable;
      }
    }
  }

  /** Returns true if the batch that starts is the probe. */
  onStart(): boolean {
    if (this.#state === 'sending') return false;
    this.#state = 'probing';
    return true;
  }

  onSuccess(isProbe: boolean): void {
    if (!this.#isDecisive(isProbe)) return;
    this.#state = 'sending';
    this.#failures = 0;
  }

  onFailure(nowMs: number, isProbe: boolean, random: () => number, retryAfterMs = 0): void {
    this.#serverNotBeforeMs = Math.max(this.#serverNotBeforeMs, nowMs + retryAfterMs);
    if (!this.#isDecisive(isProbe)) return;
    this.#failures++;
    this.#wait('backing-off', nowMs, backoffMs(this.#failures, random));
  }

  onUnauthorized(nowMs: number, isProbe: boolean): void {
    if (this.#isDecisive(isProbe)) this.#wait('unauthorized', nowMs, UNAUTHORIZED_PROBE_MS);
  }

  /** The result says nothing about this breaker, so the next batch is the probe instead. */
  onInconclusive(nowMs: number, isProbe: boolean): void {
    if (isProbe) this.#wait('backing-off', nowMs, 0);
  }

  onFlush(nowMs: number): void {
    const earliestMs = this.#state === 'unauthorized' ? this.#failedAtMs + MIN_UNAUTHORIZED_PROBE_MS : nowMs;
    this.#notBeforeMs = Math.min(this.#notBeforeMs, Math.max(earliestMs, nowMs));
  }

  #wait(state: 'backing-off' | 'unauthorized', nowMs: number, delayMs: number): void {
    this.#state = state;
    this.#failedAtMs = nowMs;
    this.#notBeforeMs = nowMs + delayMs;
  }

  /** Returns false for the late results of batches that started before the first failure. */
  #isDecisive(isProbe: boolean): boolean {
    return this.#state === 'sending' || (this.#state === 'probing' && isProbe);
  }
}
