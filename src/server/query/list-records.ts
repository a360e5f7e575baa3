import type { RecordStore } from '../store/record-store.js';
import type { StoredRecord } from '../stored-record.js';
import { isFiltered, readCount, readFilter } from './record-filter.js';
import { previewOf } from './preview.js';

export interface RecordList {
  /** Latest arrival first. */
  readonly records: readonly StoredRecord[];
  /** How many records the filters match, on this and all other pages. */
  readonly total: number;
  /** The next page is `?before=` this; `null` on the last page. */
  readonly before: number | null;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** One page of the records that a query matches: its filters, `limit`, `before`, and `preview` for texts cut to a length. */
export function listRecords(store: RecordStore, params: URLSearchParams, now: number): RecordList {
  const limit = readCount(params, 'limit', DEFAULT_LIMIT, MAX_LIMIT);
  const before = readCount(params, 'before', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const preview = readCount(params, 'preview', 0, 10_000);
  const filter = readFilter(params, now);
  const filtered = isFiltered(params);
  const found: StoredRecord[] = [];
  let total = 0;
  let hasMore = false;
  for (const entry of store.newestFirst(filtered ? undefined : before)) {
    if (!filter(entry)) continue;
    total++;
    if (entry.record.seq >= before) continue;
    if (found.length < limit) found.push(preview > 0 ? previewOf(entry.record, preview) : entry.record);
    else hasMore = true;
    if (hasMore && !filtered) break;
  }
  return {
    records: found,
    total: filtered ? total : store.usage().records,
    before: hasMore ? (found.at(-1)?.seq ?? null) : null,
  };
}
