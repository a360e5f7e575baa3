import { isRelative, type RecordQuery } from '../../../query/record-query.js';
import { selectRows } from '../select-rows.js';
import type { RecordTable } from '../table/record-table.js';

/** The two sides of a comparison, and what else is asked at that time. */
const MAX_SELECTIONS = 4;

/**
 * Keeps the rows of the latest queries until a record changes. A summary asks for a dozen measures of the same records, and half of the time of
 * each goes into the selection (test/bench/server-answers.mjs).
 */
export class RecentSelections {
  readonly #table: RecordTable;
  readonly #byQuery = new Map<string, Uint32Array>();
  #revision = -1;

  constructor(table: RecordTable) {
    this.#table = table;
  }

  /** Returns what `selectRows()` returns. The rows must not be changed. */
  rows(query: RecordQuery, now: number): Uint32Array {
    if (isRelative(query)) return selectRows(this.#table, query, now);
    if (this.#revision !== this.#table.revision) this.#byQuery.clear();
    this.#revision = this.#table.revision;
    const key = JSON.stringify(query);
    const rows = this.#byQuery.get(key) ?? selectRows(this.#table, query, now);
    // Deleted first, so that the key moves to the end: the first key is the oldest.
    this.#byQuery.delete(key);
    this.#byQuery.set(key, rows);
    for (const [oldest] of this.#byQuery)
      if (this.#byQuery.size > MAX_SELECTIONS) this.#byQuery.delete(oldest);
    return rows;
  }
}
