import { flushOnExit } from './flush-on-exit.js';
import { flushOnHide } from './flush-on-hide.js';

/** What decides about the last moments of a process, a page or a serverless call. */
export interface LifeCycleOptions {
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  readonly flushOnExit?: boolean | undefined;
}

/** Spans of one call end within milliseconds of each other: one flush for all of them. */
const FLUSH_DELAY_MS = 50;

/** Sees to it that what was recorded is sent before whatever runs us ends. */
export class LifeCycle {
  readonly #waitUntil: ((work: Promise<unknown>) => void) | undefined;
  readonly #flush: () => Promise<void>;
  readonly #undo: readonly (() => void)[];
  #isScheduled = false;

  /** `flush` must not reject. */
  constructor(options: LifeCycleOptions, flush: () => Promise<void>) {
    this.#waitUntil = options.waitUntil;
    this.#flush = flush;
    this.#undo = [
      ...(options.flushOnExit === true ? [flushOnExit(flush)] : []),
      ...(options.flushOnExit === false ? [] : [flushOnHide(flush)]),
    ];
  }

  /** Something was recorded, or will be. */
  touch(): void {
    if (!this.#waitUntil || this.#isScheduled) return;
    this.#isScheduled = true;
    const work = this.#flushSoon();
    try {
      this.#waitUntil(work);
    } catch {
      // There is no request to prolong: then the flush goes without it.
    }
  }

  end(): void {
    for (const undo of this.#undo) undo();
  }

  async #flushSoon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, FLUSH_DELAY_MS));
    // From here on another call to waitUntil is due: this one may belong to a request that is over.
    this.#isScheduled = false;
    await this.#flush();
  }
}
