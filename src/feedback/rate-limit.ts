/** Callers that are remembered; above it the one that was silent for longest starts anew. */
const MAX_CALLERS = 10_000;

/** A bucket of tokens for each caller: `perMinute` at once, and as many again over a minute. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #callers = new Map<string, { left: number; atMs: number }>();

  constructor(perMinute: number, now: () => number = Date.now) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Seconds until the caller may come again; 0: it may now, and that is counted. */
  take(caller: string): number {
    const now = this.#now();
    const known = this.#callers.get(caller) ?? { left: this.#perMinute, atMs: now };
    const refilled = ((now - known.atMs) / 60_000) * this.#perMinute;
    const left = Math.min(this.#perMinute, known.left + Math.max(0, refilled));
    const isAllowed = left >= 1;
    this.#callers.delete(caller);
    this.#callers.set(caller, { left: isAllowed ? left - 1 : left, atMs: now });
    const [oldest] = this.#callers.keys();
    if (this.#callers.size > MAX_CALLERS && oldest !== undefined) this.#callers.delete(oldest);
    return isAllowed ? 0 : Math.ceil(((1 - left) / this.#perMinute) * 60);
  }
}
