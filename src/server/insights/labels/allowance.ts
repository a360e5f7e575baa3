/** Requests that may be made at once after a pause. */
const BURST = 20;

/** Token bucket: number of requests that may be made now, so that there are never more than `perMinute` in the long run. */
export class Allowance {
  readonly #perMinute: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  /** @param now milliseconds of a clock that is never set back */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
    this.#left = Math.min(BURST, perMinute);
    this.#at = now();
  }

  /** Returns the whole number of requests that may be made now. */
  get available(): number {
    const now = this.#now();
    const gained = ((now - this.#at) * this.#perMinute) / 60_000;
    this.#left = Math.min(Math.min(BURST, this.#perMinute), this.#left + gained);
    this.#at = now;
    return Math.floor(this.#left);
  }

  use(count: number): void {
    this.#left -= count;
  }

  /** Returns the milliseconds until one more request may be made. */
  get waitMs(): number {
    const missing = 1 - this.#left;
    return missing <= 0 ? 0 : Math.ceil((missing * 60_000) / this.#perMinute);
  }
}
