import { traceIdOf } from '../../../common/record-id.js';
import type { RecordTable } from './table/record-table.js';

/** Rows in which the records of a trace are looked for, which takes a tenth of a millisecond. */
const RECENT_ROWS = 1000;

/** Finds the latest records of a trace. The id of a record is looked into once, not for each request. */
export class RecentTraces {
  readonly #table: RecordTable;
  /** By sequence number modulo {@link RECENT_ROWS}. */
  readonly #traces: { readonly seq: number; readonly traceId: string }[] = [];

  constructor(table: RecordTable) {
    this.#table = table;
  }

  /** Returns the ids of the records in these traces, among the latest {@link RECENT_ROWS} rows. */
  idsIn(traceIds: readonly string[]): readonly string[] {
    const wanted = new Set(traceIds);
    const ids: string[] = [];
    const first = Math.max(this.#table.first, this.#table.end - RECENT_ROWS);
    for (let row = first; row < this.#table.end; row++) {
      const id = this.#table.idOf(row);
      if (id !== undefined && wanted.has(this.#traceIdOf(this.#table.seqOf(row), id))) ids.push(id);
    }
    return ids;
  }

  #traceIdOf(seq: number, id: string): string {
    const known = this.#traces[seq % RECENT_ROWS];
    if (known?.seq === seq) return known.traceId;
    const traceId = traceIdOf(id);
    this.#traces[seq % RECENT_ROWS] = { seq, traceId };
    return traceId;
  }
}
