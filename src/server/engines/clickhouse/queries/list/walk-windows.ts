import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import { SEARCH_SETTINGS } from '../../schema/search-text.js';
import { afterStart, latestFirst, type ListSearch } from './list-search.js';
import { RECORD_COLUMNS, type RecordColumns } from '../record-row.js';

/** Length of the first window. A search looks into the text index once per window, whatever its length. */
const FIRST_WINDOW_MS = 15 * 60_000;
const FIRST_SEARCH_WINDOW_MS = 86_400_000;
/** Each window is at least this many times as long as the one before, and at most `MAX_GROWTH` times. */
const MIN_GROWTH = 4;
const MAX_GROWTH = 32;
/** A window is made longer than the matches so far suggest, by this factor. */
const MARGIN = 1.5;
/** Windows that are tried before everything that is older is read at once. */
const WINDOWS = 3;

/**
 * Reads windows of time, from the latest to earlier ones, until there are enough records. Each is as long as the number of matches in the one before suggests, so
 * that a page of frequent records costs the same whatever the table holds.
 */
export async function walkWindows(
  client: ClickHouseClient,
  search: ListSearch,
): Promise<readonly RecordColumns[]> {
  const { order, now, limit } = search;
  const rows: RecordColumns[] = [];
  let to = search.start;
  let length = search.query.terms === undefined ? FIRST_WINDOW_MS : FIRST_SEARCH_WINDOW_MS;
  for (let window = 0; window <= WINDOWS && rows.length < limit; window++) {
    const fromMs = (to === undefined ? now : order.msOf(to)) - length;
    const from = window === WINDOWS ? undefined : order.valueAt(fromMs);
    const missing = limit - rows.length;
    const found = await readWindow(client, { ...search, start: to, limit: missing }, from);
    rows.push(...found);
    if (from !== undefined) to = { value: from, seq: 0, id: '' };
    const growth = found.length === 0 ? MAX_GROWTH : (MARGIN * (missing - found.length)) / found.length;
    length *= Math.min(MAX_GROWTH, Math.max(MIN_GROWTH, growth));
  }
  return rows;
}

/**
 * Returns the latest records from `from` to the start of a page. The inner query finds their keys by columns that are short, with FINAL; the outer one reads the
 * texts of these rows alone. A version that was inserted twice is there twice until a merge.
 */
function readWindow(
  client: ClickHouseClient,
  { project, order, where, start: to, limit }: ListSearch,
  from: number | undefined,
): Promise<readonly RecordColumns[]> {
  const after = afterStart(to, order.value);
  const conditions = [
    where.sql,
    ...(from === undefined ? [] : order.fromConditions),
    ...(to === undefined ? [] : [...order.toConditions, after.sql]),
  ];
  const sorted = latestFirst(order);
  return client.query<RecordColumns>(
    `SELECT ${RECORD_COLUMNS} FROM records
WHERE project = {project:String} AND (day, id, version) IN (
  SELECT day, id, version FROM records FINAL
  WHERE ${conditions.join('\n  AND ')}
  ORDER BY ${sorted} LIMIT {limit:UInt32})
ORDER BY ${sorted} LIMIT 1 BY id ${SEARCH_SETTINGS}`,
    {
      parameters: {
        ...where.parameters,
        ...after.parameters,
        project,
        limit,
        ...(from !== undefined && { from, ...order.parametersAt('from', from) }),
        ...(to && order.parametersAt('to', to.value)),
      },
    },
  );
}
