import { BadQueryError } from '../../../query/parse-query.js';
import { isEmptyQuery, type RecordQuery } from '../../../query/record-query.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import type { Cursor, PageRequest, RecordPage } from '../../record-store.js';
import type { RecordTable } from '../table/record-table.js';
import { parseCursor } from '../parse-cursor.js';
import { selectRows } from '../select-rows.js';

/** Returns one page of the records that match, the latest first. */
export function listRecords(
  table: RecordTable,
  query: RecordQuery,
  { limit, before, order = 'arrival' }: PageRequest,
  now: number,
): RecordPage {
  // Without filters, rows are not collected by arrival: only the page is walked.
  const selected = isEmptyQuery(query) && order === 'arrival' ? undefined : selectRows(table, query, now);
  const page =
    selected && order === 'time'
      ? latestByTime(table, selected, limit, before)
      : latestByArrival(table, selected, limit, before);
  const records = page.rows.flatMap((row) => table.recordOfPage(row) ?? []);
  return {
    records,
    total: selected?.length ?? table.count,
    ...(page.next !== undefined && { next: page.next }),
    feedback: feedbackOn(records, table),
  };
}

interface PageRows {
  readonly rows: readonly number[];
  readonly next?: Cursor;
}

/** The cursor is the sequence number of the last record. */
function latestByArrival(
  table: RecordTable,
  selected: Uint32Array | undefined,
  limit: number,
  before: Cursor | undefined,
): PageRows {
  const beforeSeq = before === undefined ? Number.MAX_SAFE_INTEGER : parseCursor('before', before);
  const rows: number[] = [];
  for (const row of newestFirst(selected, table.first, Math.min(table.end, table.rowOf(beforeSeq)))) {
    if (!table.has(row) || table.seqOf(row) >= beforeSeq) continue;
    const last = rows.at(-1);
    if (rows.length === limit && last !== undefined) return { rows, next: String(table.seqOf(last)) };
    if (rows.length === limit) return { rows };
    rows.push(row);
  }
  return { rows };
}

/** The cursor is the time and the sequence number of the last record. */
function latestByTime(
  table: RecordTable,
  selected: Uint32Array,
  limit: number,
  before: Cursor | undefined,
): PageRows {
  const { at } = table;
  const compare = (a: number, b: number): number => (at[b] ?? 0) - (at[a] ?? 0) || b - a;
  const rest = before === undefined ? selected : selected.filter(isBefore(table, before));
  const sorted = [...latestRows(rest, at, limit + 1)].sort(compare);
  const rows = sorted.slice(0, limit);
  const last = rows.at(-1);
  if (sorted.length <= limit || last === undefined) return { rows };
  return { rows, next: `t${at[last]}_${table.seqOf(last)}` };
}

/** @throws BadQueryError */
function isBefore(table: RecordTable, cursor: Cursor): (row: number) => boolean {
  const [, time, seq] = /^t(-?\d+)_(\d+)$/.exec(cursor) ?? [];
  if (time === undefined) throw new BadQueryError('before must be a cursor of a page in order of time');
  const [beforeTime, beforeSeq] = [Number(time), Number(seq)];
  return (row) => {
    const at = table.at[row] ?? 0;
    return at < beforeTime || (at === beforeTime && table.seqOf(row) < beforeSeq);
  };
}

/** Returns the rows of the `count` latest times, and those of the same time as the last. Sorting numbers needs no comparator. */
function latestRows(rows: Uint32Array, at: Float64Array, count: number): Uint32Array {
  if (rows.length <= count) return rows;
  const times = Float64Array.from(rows, (row) => at[row] ?? 0).sort();
  const least = times[times.length - count] ?? -Infinity;
  return rows.filter((row) => (at[row] ?? 0) >= least);
}

function feedbackOn(records: readonly StoredRecord[], table: RecordTable): StoredRecord[] {
  const targets = new Set(records.flatMap(({ id }) => table.targets.find(id) ?? []));
  const events: StoredRecord[] = [];
  if (targets.size === 0) return events;
  for (let row = table.first; row < table.end; row++) {
    const event = targets.has(table.target[row] ?? 0) ? table.record(row) : undefined;
    if (event) events.push(event);
  }
  return events;
}

/** Yields the selected rows, or all from `first` to before `end`, backwards. */
function* newestFirst(selected: Uint32Array | undefined, first: number, end: number): Iterable<number> {
  if (selected) for (let i = selected.length - 1; i >= 0; i--) yield selected[i] ?? 0;
  else for (let row = end - 1; row >= first; row--) yield row;
}
