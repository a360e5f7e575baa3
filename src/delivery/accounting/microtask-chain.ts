import type { DeliveryRuntime } from '../runtime/runtime.js';

/** Longest chain. An application that awaits between two entries makes chains as well. */
const MAX_LENGTH = 1_000;

/**
 * Bounds work that causes itself through microtasks. The event loop runs all microtasks before anything else, so that such a chain without
 * an end stops the process like a recursion without one.
 */
export class MicrotaskChain {
  readonly #runtime: Pick<DeliveryRuntime, 'setTimer'>;
  /** Microtasks with work since the last turn of the event loop. */
  #length = 0;
  #isSameMicrotask = false;

  constructor(runtime: Pick<DeliveryRuntime, 'setTimer'>) {
    this.#runtime = runtime;
  }

  /** Call before each piece of work. Returns false if it must not be done: the chain is too long. */
  extend(): boolean {
    if (!this.#isSameMicrotask) {
      this.#isSameMicrotask = true;
      queueMicrotask(() => (this.#isSameMicrotask = false));
      this.#length++;
      if (this.#length === 1) this.#runtime.setTimer(() => (this.#length = 0), 0, false);
    }
    return this.#length <= MAX_LENGTH;
  }
}
