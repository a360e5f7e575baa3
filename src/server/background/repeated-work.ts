import { startBackgroundTimer, type Timer } from '../../common/background-timer.js';

/** Does a piece of work, and returns the milliseconds until the next. */
export type Work = () => Promise<number>;

/** Calls `work` again and again, one call at a time, without keeping the process alive. */
export class RepeatedWork {
  readonly #work: Work;
  readonly #afterFailureMs: number;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  /**
   * @param firstMs until the first call
   * @param afterFailureMs after a call that failed: the store may be gone for a while
   */
  constructor(work: Work, firstMs: number, afterFailureMs: number) {
    this.#work = work;
    this.#afterFailureMs = afterFailureMs;
    this.#schedule(firstMs);
  }

  /** Resolves when the call that is running has ended. No further ones follow. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(delayMs: number): void {
    if (this.#isClosed) return;
    this.#timer = startBackgroundTimer(delayMs, () => {
      this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    // A failure is the work's to report. The next call may go better.
    const delayMs = await this.#work().catch(() => this.#afterFailureMs);
    this.#running = undefined;
    this.#schedule(delayMs);
  }
}
