import { StalledError } from './within.js';

/** Looks in the time that a read may take. */
const LOOKS = 4;

interface OpenRead {
  /** Number of the last look before the read began. */
  readonly begunAt: number;
  readonly fail: (error: StalledError) => void;
}

/** Limits how long reads may take, with one timer for all: a timer for each is a tenth of what the ingestion API takes (test/bench/intake.mjs). */
export class TimedReads {
  readonly #maxMs: number;
  /** Oldest first. */
  readonly #open = new Set<OpenRead>();
  #looks = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(maxMs: number) {
    this.#maxMs = maxMs;
  }

  /**
   * Resolves as `read` does.
   *
   * @throws StalledError if the read takes longer than allowed, a quarter of that time later at most. It goes on, and its result is ignored.
   */
  limit<T>(read: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const open: OpenRead = { begunAt: this.#looks, fail: reject };
      this.#open.add(open);
      this.#timer ??= setInterval(() => this.#look(), this.#maxMs / LOOKS).unref();
      read.finally(() => this.#open.delete(open)).then(resolve, reject);
    });
  }

  #look(): void {
    this.#looks += 1;
    for (const open of this.#open) {
      if (this.#looks - open.begunAt <= LOOKS) break;
      this.#open.delete(open);
      open.fail(new StalledError(`Not read within ${this.#maxMs} ms`));
    }
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
