import type { Measured } from '../../../model/measure/measure-answer.js';
import { isRelative, type RecordQuery } from '../../../query/record-query.js';
import { selectRows } from '../select-rows.js';
import type { RecordTable } from '../table/record-table.js';

/** Rows, which ascend, and measures of all of them. */
export interface Selection {
  readonly rows: Uint32Array;
  /** By the JSON of the measure; lists of one number. */
  readonly totals: Map<string, readonly Measured[]>;
}

/** The two sides of a comparison, and what else is asked at that time. */
const MAX_SELECTIONS = 4;

/**
 * Keeps the rows of the latest queries, and measures of all of them, until a record changes. A summary asks for a dozen measures of the same records, and half of the time of
 * each goes into the selection (test/bench/server-answers.mjs).
 */
export class RecentSelections {
  readonly #table: RecordTable;
  readonly #byQuery = new Map<string, Selection>();
  #revision = -1;

  constructor(table: RecordTable) {
    this.#table = table;
  }

  /** Returns what `selectRows()` returns. The rows must not be changed. */
  read(query: RecordQuery, now: number): Selection {
    if (isRelative(query)) return this.#select(query, now);
    if (this.#revision !== this.#table.revision) this.#byQuery.clear();
    this.#revision = this.#table.revision;
    const key = JSON.stringify(query);
    const selection = this.#byQuery.get(key) ?? this.#select(query, now);
    // Deleted first, so that the key moves to the end: the first key is the oldest.
    this.#byQuery.delete(key);
    this.#byQuery.set(key, selection);
    for (const [oldest] of this.#byQuery)
      if (this.#byQuery.size > MAX_SELECTIONS) this.#byQuery.delete(oldest);
    return selection;
  }

  #select(query: RecordQuery, now: number): Selection {
    return { rows: selectRows(this.#table, query, now), totals: new Map() };
  }
}
