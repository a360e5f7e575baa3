/** Rest of one quota. */
interface Bucket {
  /** Records that may be written now. Below 0 after a request that held more. */
  left: number;
  /** Milliseconds of the clock at which `left` was true. */
  atMs: number;
}

const MINUTE_MS = 60_000;

/**
 * Records per minute, by key. A quota that was not used up fills again evenly, up to that of one minute. A request is never cut: the one that
 * exceeds the quota is taken in as a whole, and the next ones wait until the excess has been made up for.
 *
 * The count is that of this server alone: behind a load balancer that spreads evenly, a key has the sum of the quotas of all servers.
 */
export class Quotas {
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Returns after how many milliseconds the key may write again; 0: at once. */
  waitOf(key: string, perMinute: number): number {
    const { left } = this.#bucketOf(key, perMinute);
    if (left >= 1) return 0;
    return Math.ceil(((1 - left) / perMinute) * MINUTE_MS);
  }

  /** Counts records that were written. */
  take(key: string, perMinute: number, records: number): void {
    this.#bucketOf(key, perMinute).left -= records;
  }

  #bucketOf(key: string, perMinute: number): Bucket {
    const atMs = this.#now();
    const known = this.#buckets.get(key) ?? { left: perMinute, atMs };
    // A clock that is set back takes nothing away.
    const refill = (Math.max(0, atMs - known.atMs) / MINUTE_MS) * perMinute;
    const bucket = { left: Math.min(perMinute, known.left + refill), atMs };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
