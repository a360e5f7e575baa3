import type { DeliveryRuntime } from '../../src/delivery/runtime/runtime.js';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
  readonly keepsProcessAlive: boolean;
}

/** A runtime whose clock only moves through `advance`, so that tests of long delays are fast. */
export class ManualRuntime implements DeliveryRuntime {
  readonly #timers = new Set<Timer>();
  #nowMs: number;
  /** The next value of `random()`. */
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

  /** Moves the clock. Fires due timers in order, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await letPromisesSettle();
    while (this.#nextBefore(untilMs)) await this.advanceToNextTimer();
    this.#nowMs = untilMs;
  }

  /** Moves the clock to the first timer and fires it. */
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
