import type { RecordStore } from '../record-store.js';
import type { RecordTable } from './record-table.js';
import type { StoredRecord } from '../../model/stored-record.js';
import { isFiltered, readCount } from '../../query/record-filter.js';
import { previewOf } from '../../model/preview.js';
import { selectRows } from './select-rows.js';

export interface RecordList {
  /** Latest arrival first. */
  readonly records: readonly StoredRecord[];
  /** How many records the filters match, on this and all other pages. */
  readonly total: number;
  /** The next page is `?before=` this; `null` on the last page. */
  readonly before: number | null;
  /** Events that give feedback on one of `records`, also when the filters do not match them. */
  readonly feedback: readonly StoredRecord[];
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** One page of the records that a query matches: its filters, `limit`, `before`, and `preview` for texts cut to a length. */
export function listRecords(store: RecordStore, params: URLSearchParams, now: number): RecordList {
  const limit = readCount(params, 'limit', DEFAULT_LIMIT, MAX_LIMIT);
  const before = readCount(params, 'before', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const preview = readCount(params, 'preview', 0, 10_000);
  const { table } = store;
  const selected = isFiltered(params) ? selectRows(store, params, now) : undefined;
  const found: StoredRecord[] = [];
  let hasMore = false;
  for (const row of newestFirst(selected, table.first, Math.min(table.end, table.rowOf(before)))) {
    const record = table.entry(row)?.record;
    if (!record || record.seq >= before) continue;
    hasMore = found.length === limit;
    if (hasMore) break;
    found.push(preview > 0 ? previewOf(record, preview) : record);
  }
  return {
    records: found,
    total: selected ? selected.length : store.usage().records,
    before: hasMore ? (found.at(-1)?.seq ?? null) : null,
    feedback: feedbackOn(found, table),
  };
}

function feedbackOn(records: readonly StoredRecord[], table: RecordTable): StoredRecord[] {
  const targets = new Set(records.flatMap(({ id }) => table.targets.find(id) ?? []));
  const events: StoredRecord[] = [];
  if (targets.size === 0) return events;
  for (let row = table.first; row < table.end; row++) {
    const event = targets.has(table.target[row] ?? 0) ? table.entry(row)?.record : undefined;
    if (event) events.push(event);
  }
  return events;
}

/** The selected rows, or all from `first` to `end`, backwards. */
function* newestFirst(selected: Uint32Array | undefined, first: number, end: number): Iterable<number> {
  if (selected) for (let i = selected.length - 1; i >= 0; i--) yield selected[i] ?? 0;
  else for (let row = end - 1; row >= first; row--) yield row;
}
