import { safely } from '../../common/safely.js';
import { flushOnExit } from './flush-on-exit.js';
import { flushOnHide } from './flush-on-hide.js';

/** Options for the end of a process, a page or a serverless invocation. */
export interface LifeCycleOptions {
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  readonly flushOnExit?: boolean | undefined;
}

/** Delay of the flush after a record, so that calls that end within some milliseconds share one flush. */
const FLUSH_DELAY_MS = 50;

/** Flushes before the process exits, the page is hidden or the serverless invocation ends. Does nothing until `start()`. */
export class LifeCycle {
  readonly #options: LifeCycleOptions;
  #flush: (() => Promise<void>) | undefined;
  #listenerRemovers: readonly (() => void)[] = [];
  #isScheduled = false;

  constructor(options: LifeCycleOptions) {
    this.#options = options;
  }

  /** Begins to watch for the end. `flush` must not reject. */
  start(flush: () => Promise<void>): void {
    this.#flush = flush;
    this.#listenerRemovers = [
      ...(this.#options.flushOnExit === true ? [flushOnExit(flush)] : []),
      ...(this.#options.flushOnExit === false ? [] : [flushOnHide(flush)]),
    ];
  }

  /**
   * Keeps a serverless invocation alive, with `waitUntil`, until the next flush is done. Call when a record was made, and when an LLM
   * span ends, before its record exists.
   */
  extendLifetime(): void {
    const flush = this.#flush;
    if (!flush || !this.#options.waitUntil || this.#isScheduled) return;
    this.#isScheduled = true;
    const work = this.#flushSoon(flush);
    // Outside of a request there is nothing to keep alive, and it may throw. The flush happens all the same.
    safely((promise) => this.#options.waitUntil?.(promise), work);
  }

  /** Stops watching for the end of the process or page. */
  end(): void {
    for (const removeListeners of this.#listenerRemovers) removeListeners();
  }

  async #flushSoon(flush: () => Promise<void>): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, FLUSH_DELAY_MS));
    // Reset before the flush: a call from here on may belong to another request, which needs a `waitUntil` of its own.
    this.#isScheduled = false;
    await flush();
  }
}
