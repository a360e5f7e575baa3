import type { Statistics } from '../../../model/statistics.js';
import type { ZoneClock } from '../../../model/time-zone.js';
import { isRelative, nestedQueries, type RecordQuery } from '../../../query/record-query.js';
import type { RecordTable } from '../table/record-table.js';
import { selectRows } from '../select-rows.js';
import { statistics } from './statistics.js';

interface CachedStatistics {
  readonly value: Statistics;
  readonly revision: number;
  /** `Date.now()` until which the same records match. */
  readonly validUntil: number;
}

/** From this many records on, summing up takes several milliseconds, and requests that come together share one sum. */
const LARGE = 20_000;
/** Queries whose answers are kept: those of a few open pages. */
const MAX_CACHED = 16;

/**
 * Keeps the statistics of the latest queries for as long as no record changes. With an age as `since`, also while no record leaves the
 * range. An answer is never out of date, and nobody waits for longer than the sum takes (test/bench/server.mjs).
 */
export class StatisticsCache {
  readonly #table: RecordTable;
  readonly #cached = new Map<string, CachedStatistics>();
  readonly #pending = new Map<string, Promise<Statistics>>();

  constructor(table: RecordTable) {
    this.#table = table;
  }

  async read(query: RecordQuery, buckets: number, clock: ZoneClock): Promise<Statistics> {
    const key = JSON.stringify([buckets, clock.timeZone, query]);
    if (this.#table.count < LARGE || this.#isFresh(this.#cached.get(key)))
      return this.#readNow(key, query, buckets, clock);
    // After the requests and changes that are there already.
    const pending =
      this.#pending.get(key) ??
      nextTask().then(() => {
        this.#pending.delete(key);
        return this.#readNow(key, query, buckets, clock);
      });
    this.#pending.set(key, pending);
    return pending;
  }

  #isFresh(cached: CachedStatistics | undefined): cached is CachedStatistics {
    return cached?.revision === this.#table.revision && Date.now() <= cached.validUntil;
  }

  #readNow(key: string, query: RecordQuery, buckets: number, clock: ZoneClock): Statistics {
    const cached = this.#cached.get(key);
    if (this.#isFresh(cached)) return cached.value;
    const now = Date.now();
    const rows = selectRows(this.#table, query, now);
    const value = statistics(this.#table, rows, buckets, clock);
    // Deleted first, so that the key moves to the end: the first key is the oldest.
    this.#cached.delete(key);
    this.#cached.set(key, {
      value,
      revision: this.#table.revision,
      validUntil: validUntil(this.#table, query, rows, now),
    });
    for (const [oldest] of this.#cached) if (this.#cached.size > MAX_CACHED) this.#cached.delete(oldest);
    return value;
  }
}

/** Returns the time at which the first of the rows gets too old for the query. */
function validUntil({ at }: RecordTable, query: RecordQuery, rows: Uint32Array, now: number): number {
  const { since, until } = query;
  // With an age as `until`, records that do not match yet will. So can those that an age leaves out.
  if ((until && 'agoMs' in until) || nestedQueries(query).some(isRelative)) return now;
  if (!since || !('agoMs' in since)) return Infinity;
  let first = Infinity;
  for (const row of rows) first = Math.min(first, at[row] ?? 0);
  return first + since.agoMs;
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
