/** Delays after which the store is looked at again. A record becomes visible up to seconds after it was sent; an agent runs for minutes. */
const CHECK_DELAYS_MS = [5_000, 30_000, 180_000, 900_000] as const;
/** Most keys that wait. Above it, the oldest is forgotten. */
const MAX_WAITING = 20_000;

interface Waiting {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly step: number;
}

/** Keys that are due several times, at growing intervals. */
export class CheckTimes {
  readonly #waiting = new Map<string, Waiting>();

  get size(): number {
    return this.#waiting.size;
  }

  /** Begins again with a key that waits already. */
  add(key: string, nowMs: number): void {
    this.#waiting.delete(key);
    this.#waiting.set(key, { atMs: nowMs + CHECK_DELAYS_MS[0], step: 0 });
    if (this.#waiting.size <= MAX_WAITING) return;
    for (const oldest of this.#waiting.keys()) {
      this.#waiting.delete(oldest);
      return;
    }
  }

  /** Returns the keys that are due, and when each is due next is noted. */
  takeDue(nowMs: number): readonly string[] {
    const due: string[] = [];
    for (const [key, { atMs, step }] of this.#waiting) {
      if (atMs > nowMs) continue;
      due.push(key);
      const delay = CHECK_DELAYS_MS[step + 1];
      if (delay === undefined) this.#waiting.delete(key);
      else this.#waiting.set(key, { atMs: nowMs + delay, step: step + 1 });
    }
    return due;
  }
}
