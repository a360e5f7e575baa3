import type { DeliveryRuntime } from './runtime.js';

const NEVER = Number.POSITIVE_INFINITY;

/** One timer that can be set forward and back, and that lets the process end. */
export class ResettableTimer {
  readonly #runtime: DeliveryRuntime;
  readonly #ring: () => void;
  #timer: unknown;
  #atMs = NEVER;

  constructor(runtime: DeliveryRuntime, ring: () => void) {
    this.#runtime = runtime;
    this.#ring = ring;
  }

  /** Rings once, at that time; never before the caller has returned. Infinity: not at all. */
  set(atMs: number): void {
    if (atMs === this.#atMs) return;
    this.#runtime.clearTimer(this.#timer);
    this.#atMs = atMs;
    if (atMs === NEVER) return;
    const delayMs = Math.max(atMs - this.#runtime.now(), 0);
    this.#timer = this.#runtime.setTimer(() => this.#expire(), delayMs, false);
  }

  #expire(): void {
    this.#atMs = NEVER;
    this.#ring();
  }
}
