import type { RecordStore } from '../record-store.js';
import { selectRows } from './select-rows.js';
import { statistics, type Statistics } from './statistics.js';

interface Kept {
  readonly value: Statistics;
  readonly revision: number;
  /** `performance.now()` from which on it may be summed up again. */
  readonly restUntil: number;
}

/** Of fewer records the sums take a few milliseconds at most. */
const LARGE = 20_000;
/** Summing up takes at most this share of the time for each query, however many pages ask, and whatever arrives meanwhile. */
const SHARE = 0.05;
/** Nobody waits longer than this for them. */
const MAX_REST_MS = 1000;
const MAX_KEPT = 16;

/** {@link statistics}, not more often than it is worth: under load an answer comes later, but it is never out of date. */
export class StatisticsCache {
  readonly #store: RecordStore;
  readonly #kept = new Map<string, Kept>();
  readonly #pending = new Map<string, Promise<Statistics>>();

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** Rejects with a `BadQueryError`. */
  async read(params: URLSearchParams, maxBuckets: number): Promise<Statistics> {
    const key = `${maxBuckets} ${params.toString()}`;
    const kept = this.#kept.get(key);
    const isRelative = params.has('since') || params.has('until');
    if (kept?.revision === this.#store.revision && !isRelative) return kept.value;
    const restMs = (kept?.restUntil ?? 0) - performance.now();
    if (restMs <= 0 || this.#store.usage().records <= LARGE) return this.#sumUp(key, params, maxBuckets);
    const pending =
      this.#pending.get(key) ??
      rest(restMs).then(() => {
        this.#pending.delete(key);
        return this.#sumUp(key, params, maxBuckets);
      });
    this.#pending.set(key, pending);
    return pending;
  }

  #sumUp(key: string, params: URLSearchParams, maxBuckets: number): Statistics {
    const start = performance.now();
    const rows = selectRows(this.#store, params, Date.now());
    const value = statistics(this.#store.table, rows, maxBuckets);
    const end = performance.now();
    this.#kept.delete(key);
    this.#kept.set(key, {
      value,
      revision: this.#store.revision,
      restUntil: end + Math.min(MAX_REST_MS, (end - start) / SHARE),
    });
    for (const [oldest] of this.#kept) if (this.#kept.size > MAX_KEPT) this.#kept.delete(oldest);
    return value;
  }
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
