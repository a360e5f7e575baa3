import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { letProcessEnd, MAX_DELAY_MS, type Timer } from '../../common/background-timer.js';

/** Clock, randomness and timers of a delivery. Tests replace them. */
export interface DeliveryRuntime {
  /** Returns milliseconds since the epoch, from a clock that is never set back. */
  now(): number;
  /** Returns a number from 0 up to, but not including, 1. */
  random(): number;
  /** Starts a timer. `keepsProcessAlive` is only for timers whose end a caller awaits. */
  setTimer(callback: () => void, delayMs: number, keepsProcessAlive: boolean): unknown;
  clearTimer(timer: unknown): void;
}

export const systemRuntime: DeliveryRuntime = {
  now: () => performance.timeOrigin + performance.now(),
  random: () => Math.random(),
  setTimer(callback, delayMs, keepsProcessAlive) {
    // In the root context, so that a timer does not retain the context of the request that started it.
    const timer = context.with(ROOT_CONTEXT, () =>
      setTimeout(callback, Math.min(Math.ceil(delayMs), MAX_DELAY_MS)),
    );
    if (!keepsProcessAlive) letProcessEnd(timer);
    return timer;
  },
  clearTimer: (timer) => clearTimeout(timer as Timer),
};

const NEVER = Number.POSITIVE_INFINITY;

/** One timer that can be moved forward and back, and that does not keep the process alive. */
export class ResettableTimer {
  readonly #runtime: DeliveryRuntime;
  readonly #onDue: () => void;
  #timer: unknown;
  #atMs = NEVER;

  constructor(runtime: DeliveryRuntime, onDue: () => void) {
    this.#runtime = runtime;
    this.#onDue = onDue;
  }

  /** Calls `onDue` once at `atMs`, always after the caller has returned. Infinity cancels the call. */
  set(atMs: number): void {
    if (atMs === this.#atMs) return;
    this.#runtime.clearTimer(this.#timer);
    this.#atMs = atMs;
    if (atMs === NEVER) return;
    const delayMs = Math.max(atMs - this.#runtime.now(), 0);
    this.#timer = this.#runtime.setTimer(() => this.#fire(), delayMs, false);
  }

  #fire(): void {
    this.#atMs = NEVER;
    this.#onDue();
  }
}
