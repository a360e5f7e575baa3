import { BadQueryError } from '../../query/parse-query.js';
import { isEmptyQuery, type RecordQuery } from '../../query/record-query.js';
import type { StoredRecord } from '../../model/stored-record.js';
import type { Cursor, PageRequest, RecordPage } from '../record-store.js';
import type { RecordTable } from './record-table.js';
import { selectRows } from './select-rows.js';

/** Returns one page of the records that match, latest arrival first. The cursor is the sequence number of the last record. */
export function listRecords(
  table: RecordTable,
  query: RecordQuery,
  { limit, before }: PageRequest,
  now: number,
): RecordPage {
  const beforeSeq = before === undefined ? Number.MAX_SAFE_INTEGER : parseCursor('before', before);
  // Without filters, rows are not collected: only the page is walked.
  const selected = isEmptyQuery(query) ? undefined : selectRows(table, query, now);
  const records: StoredRecord[] = [];
  let hasMore = false;
  for (const row of newestFirst(selected, table.first, Math.min(table.end, table.rowOf(beforeSeq)))) {
    if (!table.has(row) || table.seqOf(row) >= beforeSeq) continue;
    hasMore = records.length === limit;
    if (hasMore) break;
    const record = table.recordOfPage(row);
    if (record) records.push(record);
  }
  const last = records.at(-1);
  return {
    records,
    total: selected?.length ?? table.count,
    ...(hasMore && last && { next: String(last.seq) }),
    feedback: feedbackOn(records, table),
  };
}

/** Reads a cursor of the engines in memory, which is a whole number. @throws BadQueryError */
export function parseCursor(name: string, cursor: Cursor): number {
  if (!/^\d+$/.test(cursor)) throw new BadQueryError(`${name} must be a whole number`);
  return Math.min(Number(cursor), Number.MAX_SAFE_INTEGER);
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
