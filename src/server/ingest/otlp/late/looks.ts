import { CheckTimes } from './check-times.js';

/** Interval of looks for what is due. */
const LOOK_MS = 1_000;

/** Looks at keys at growing intervals, one look after the other. Has a timer only while keys wait. */
export class Looks {
  readonly #look: (due: readonly string[]) => Promise<void>;
  readonly #now: () => number;
  readonly #times = new CheckTimes();
  #timer: ReturnType<typeof setInterval> | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  /**
   * @param look is called each second while keys wait, also if none is due. If it rejects, the keys begin again
   * @param now milliseconds since 1970
   */
  constructor(look: (due: readonly string[]) => Promise<void>, now: () => number) {
    this.#look = look;
    this.#now = now;
  }

  add(keys: Iterable<string>): void {
    if (this.#isClosed) return;
    for (const key of keys) this.#times.add(key, this.#now());
    this.#timer ??= setInterval(() => {
      this.#running ??= this.#run();
    }, LOOK_MS).unref();
  }

  /** Resolves when the look that is running has ended. No further ones follow. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    const due = this.#times.takeDue(this.#now());
    // The store may be gone for longer than keys are looked at.
    await this.#look(due).catch(() => this.add(due));
    // Not earlier: the look may have found more to look at.
    if (this.#times.size === 0) this.#stop();
    this.#running = undefined;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
