import type { StoredRecord } from '../../../model/stored-record.js';

interface Marks {
  readonly matches: (record: StoredRecord) => boolean;
  /** 1 for the rows that match. Shorter than the table if no later row does. */
  rows: Uint8Array;
}

/** Queries whose marks are kept: the rule of internal traffic has a few. */
const MAX_QUERIES = 8;

/**
 * Rows that match a query, kept up to date while records arrive. A query for properties looks into the contents of all records (a tenth of a second for
 * 100,000 records and the default rule of internal traffic), and that rule is part of every answer.
 */
export class RowMarks {
  /** The query that was asked for last is the last. */
  readonly #byQuery = new Map<string, Marks>();

  /** Returns a number above 0 at the rows that match; undefined at the others. */
  get(key: string): Uint8Array | undefined {
    const marks = this.#byQuery.get(key);
    if (!marks) return undefined;
    this.#byQuery.delete(key);
    this.#byQuery.set(key, marks);
    return marks.rows;
  }

  /** Keeps the marks of a query. `matches` tests records that arrive from now on. */
  keep(key: string, rows: Uint8Array, matches: (record: StoredRecord) => boolean): void {
    this.#byQuery.set(key, { rows, matches });
    for (const [oldest] of this.#byQuery) if (this.#byQuery.size > MAX_QUERIES) this.#byQuery.delete(oldest);
  }

  /** A record was written to a row. */
  update(row: number, record: StoredRecord): void {
    for (const marks of this.#byQuery.values()) {
      const mark = marks.matches(record) ? 1 : 0;
      if (row >= marks.rows.length && mark === 1) marks.rows = grown(marks.rows, 2 * row + 1);
      if (row < marks.rows.length) marks.rows[row] = mark;
    }
  }

  /** The first rows were removed. */
  shift(count: number): void {
    for (const { rows } of this.#byQuery.values()) {
      rows.copyWithin(0, count);
      rows.fill(0, Math.max(0, rows.length - count));
    }
  }

  clear(): void {
    this.#byQuery.clear();
  }
}

function grown(rows: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(rows);
  return larger;
}
