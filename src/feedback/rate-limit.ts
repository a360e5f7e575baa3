import { RecentMap } from '../common/collections/recent-map.js';

/** Callers to remember. Above it, the least recent one is forgotten and starts with a full bucket. */
const MAX_CALLERS = 10_000;

/** Token bucket for each caller: holds `perMinute` requests, and refills over a minute. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #callers = new RecentMap<string, { left: number; atMs: number }>(MAX_CALLERS);

  constructor(perMinute: number, now: () => number = Date.now) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Takes a token. Returns 0 if the caller may send now, else the seconds until it may. */
  take(caller: string): number {
    const now = this.#now();
    const known = this.#callers.get(caller) ?? { left: this.#perMinute, atMs: now };
    const refilled = ((now - known.atMs) / 60_000) * this.#perMinute;
    const left = Math.min(this.#perMinute, known.left + Math.max(0, refilled));
    const isAllowed = left >= 1;
    this.#callers.set(caller, { left: isAllowed ? left - 1 : left, atMs: now });
    return isAllowed ? 0 : Math.ceil(((1 - left) / this.#perMinute) * 60);
  }
}
