import type { Statistics } from '../../model/statistics.js';
import { isRelative, type RecordQuery } from '../../query/record-query.js';
import type { RecordTable } from './record-table.js';
import { selectRows } from './select-rows.js';
import { statistics } from './statistics.js';

interface CachedStatistics {
  readonly value: Statistics;
  readonly revision: number;
  /** `performance.now()` from which it may be computed again. */
  readonly refreshAfter: number;
}

/** Up to this many records, computing takes a few milliseconds, and is not delayed. */
const LARGE = 20_000;
/** Upper bound on CPU time spent per query: after a computation of t ms, the next one waits t / SHARE ms. */
const SHARE = 0.05;
/** Longest wait for an answer. */
const MAX_DELAY_MS = 1000;
/** Queries whose answers are kept: those of a few open pages. */
const MAX_CACHED = 16;

/**
 * Limits how often statistics over many records are computed while records keep arriving. A request too soon after the last one is
 * answered later, and its answer is never out of date. Concurrent requests with the same query share one computation.
 */
export class StatisticsCache {
  readonly #table: RecordTable;
  readonly #cached = new Map<string, CachedStatistics>();
  readonly #pending = new Map<string, Promise<Statistics>>();

  constructor(table: RecordTable) {
    this.#table = table;
  }

  async read(query: RecordQuery, buckets: number): Promise<Statistics> {
    const key = `${buckets} ${JSON.stringify(query)}`;
    const cached = this.#cached.get(key);
    if (cached?.revision === this.#table.revision && !isRelative(query)) return cached.value;
    const delayMs = (cached?.refreshAfter ?? 0) - performance.now();
    if (delayMs <= 0 || this.#table.count <= LARGE) return this.#compute(key, query, buckets);
    const pending =
      this.#pending.get(key) ??
      delay(delayMs).then(() => {
        this.#pending.delete(key);
        return this.#compute(key, query, buckets);
      });
    this.#pending.set(key, pending);
    return pending;
  }

  #compute(key: string, query: RecordQuery, buckets: number): Statistics {
    const start = performance.now();
    const rows = selectRows(this.#table, query, Date.now());
    const value = statistics(this.#table, rows, buckets);
    const end = performance.now();
    // Deleted first, so that the key moves to the end: the first key is the oldest.
    this.#cached.delete(key);
    this.#cached.set(key, {
      value,
      revision: this.#table.revision,
      refreshAfter: end + Math.min(MAX_DELAY_MS, (end - start) / SHARE),
    });
    for (const [oldest] of this.#cached) if (this.#cached.size > MAX_CACHED) this.#cached.delete(oldest);
    return value;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
