import type { DeliveryRuntime } from '../../src/delivery/runtime/runtime.js';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
  readonly keepsProcessAlive: boolean;
}

/** A clock that stands still until it is told to advance, for delays that nobody wants to wait for. */
export class ManualRuntime implements DeliveryRuntime {
  readonly #timers = new Set<Timer>();
  #nowMs: number;
  /** What the next `random()` returns. */
  nextRandom = 1;

  constructor(startMs = Date.UTC(2026, 10, 22, 10)) {
    this.#nowMs = startMs;
  }

  now = (): number => this.#nowMs;
  random = (): number => this.nextRandom;

  setTimer = (callback: () => void, delayMs: number, keepsProcessAlive: boolean): unknown => {
    const timer: Timer = { atMs: this.#nowMs + delayMs, callback, keepsProcessAlive };
    this.#timers.add(timer);
    return timer;
  };

  clearTimer = (timer: unknown): void => {
    this.#timers.delete(timer as Timer);
  };

  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass: timers fire at their time and in order, and what they start gets the chance to finish. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await letPromisesSettle();
    while (this.#nextBefore(untilMs)) await this.advanceToNextTimer();
    this.#nowMs = untilMs;
  }

  /** Lets the timer fire that is due first. */
  async advanceToNextTimer(): Promise<void> {
    await letPromisesSettle();
    const next = this.#nextBefore(Number.POSITIVE_INFINITY);
    if (!next) return;
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.callback();
    await letPromisesSettle();
  }

  #nextBefore(untilMs: number): Timer | undefined {
    const due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs);
    return due.sort((a, b) => a.atMs - b.atMs)[0];
  }
}

async function letPromisesSettle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
