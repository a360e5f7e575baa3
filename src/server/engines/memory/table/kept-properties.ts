import type { StoredRecord } from '../../../model/stored-record.js';
import type { PropertyColumn } from './property-column.js';

/** Properties that are kept as columns: those of a few open pages. A column takes 4 bytes for each record, and its texts. */
const MAX_PROPERTIES = 8;
const MIN_TEXTS = 10_000;

/** Columns of the properties that were asked for last. They are kept up to date, as reading one takes as long as the statistics of all records. */
export class KeptProperties {
  /** The first is the one that was not used for longest. */
  readonly #columns = new Map<string, PropertyColumn>();

  /** Returns a column if it is kept already. */
  get(name: string): PropertyColumn | undefined {
    return this.#columns.get(name);
  }

  /** Returns a column of `records` records: the one that is kept, or the one that `read` makes. */
  getOrRead(name: string, records: number, read: () => PropertyColumn): PropertyColumn {
    const known = this.#columns.get(name);
    // Texts that no record has any more are not removed one by one.
    const isBloated = known && known.texts.length > 2 * records + MIN_TEXTS;
    const column = known && !isBloated ? known : read();
    // Deleted first, so that the key moves to the end.
    this.#columns.delete(name);
    this.#columns.set(name, column);
    for (const [oldest] of this.#columns)
      if (this.#columns.size > MAX_PROPERTIES) this.#columns.delete(oldest);
    return column;
  }

  /** Writes the properties of a record to its row. */
  set(row: number, { properties }: StoredRecord): void {
    for (const [name, column] of this.#columns) column.set(row, properties[name]);
  }

  /** Removes as many rows at the front. */
  shift(rows: number): void {
    for (const { ids } of this.#columns.values()) ids.copyWithin(0, rows);
  }

  clear(): void {
    this.#columns.clear();
  }
}
