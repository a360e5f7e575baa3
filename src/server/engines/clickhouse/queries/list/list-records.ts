import type { RecordQuery } from '../../../../query/record-query.js';
import type { PageRequest, RecordPage } from '../../../record-store.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import { findLatest, readRows, type Total } from './find-latest.js';
import { LIST_ORDERS } from './list-order.js';
import type { ListSearch } from './list-search.js';
import { fromRow, RECORD_COLUMNS, type RecordColumns } from '../record-row.js';
import { walkWindows } from './walk-windows.js';
import { isSelective, isUnfiltered, whereClause, type WhereClause } from '../where-clause.js';

/** Records up to which those that match are counted: the number in the list is then "more than". Counting on would read all of time for each page. */
export const MAX_COUNTED = 100_000;

/** Returns one page of the records that match, the latest first. */
export async function listRecords(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
  { limit, before, order: name = 'arrival' }: PageRequest,
): Promise<RecordPage> {
  const order = LIST_ORDERS[name];
  const start = before === undefined ? undefined : order.parse(before);
  const now = Date.now();
  const where = whereClause(project, query, now);
  // One record more tells whether there is another page.
  const search = { project, query, order, where, start, limit: limit + 1, now };
  const { rows, total, feedback } = await readPage(client, search);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    records: page.map((row) => fromRow(row)),
    total: Math.min(total.number, MAX_COUNTED),
    ...((total.isCapped || total.number > MAX_COUNTED) && { isTotalCapped: true }),
    ...(rows.length > limit && last && { next: order.format(order.positionOf(last)) }),
    feedback: feedback.map((row) => fromRow(row)),
  };
}

interface Page {
  /** At most one more than the page has room for. */
  readonly rows: readonly RecordColumns[];
  readonly total: Total;
  /** Feedback on the rows of the page. */
  readonly feedback: readonly RecordColumns[];
}

/**
 * Reads what costs least. An index finds the few records of a conversation. Without a filter, the latest windows of time are full. With one, the records have to
 * be counted anyway, and the pass that counts them finds the latest as well.
 */
async function readPage(client: ClickHouseClient, search: ListSearch): Promise<Page> {
  const { query, limit, start } = search;
  if (isSelective(query)) {
    const rows = await readRows(client, search);
    const isAll = start === undefined && rows.length < limit;
    return finish(client, search, rows, isAll ? { number: rows.length } : undefined);
  }
  if (isUnfiltered(query)) return finish(client, search, await walkWindows(client, search));
  const { keys, total, hasLatest } = await findLatest(client, search, MAX_COUNTED + 1);
  if (!hasLatest) {
    const rows = await walkWindows(client, search);
    // A first page that is not full is all there is, whatever was counted.
    const isAll = start === undefined && rows.length < limit;
    return finish(client, search, rows, isAll ? { number: rows.length } : atLeast(total, rows.length));
  }
  const [rows, feedback] = await Promise.all([
    readRows(client, search, keys),
    feedbackOn(client, search, keys),
  ]);
  return { rows, total, feedback };
}

function atLeast(total: Total, number: number): Total {
  return { ...total, number: Math.max(total.number, number) };
}

/** Reads what is still missing of a page. Without `total`, the records are counted. */
async function finish(
  client: ClickHouseClient,
  search: ListSearch,
  rows: readonly RecordColumns[],
  total?: Total,
): Promise<Page> {
  const [known, feedback] = await Promise.all([
    total ?? count(client, search.where).then((number) => ({ number })),
    feedbackOn(client, search, rows),
  ]);
  return { rows, total: known, feedback };
}

/** Returns the number of records that match, or one more than `MAX_COUNTED` if there are more. @throws ClickHouseError */
async function count(client: ClickHouseClient, { sql, parameters }: WhereClause): Promise<number> {
  const [row] = await client.query<{ total: string }>(
    `SELECT count() AS total FROM (SELECT 1 FROM records FINAL
WHERE ${sql}
LIMIT {max:UInt32})`,
    { parameters: { ...parameters, max: MAX_COUNTED + 1 } },
  );
  return Number(row?.total ?? 0);
}

/** The last row is that of the next page. */
async function feedbackOn(
  client: ClickHouseClient,
  { project, limit, now }: ListSearch,
  rows: readonly { readonly id: string }[],
): Promise<readonly RecordColumns[]> {
  if (rows.length === 0) return [];
  const about = rows.slice(0, limit - 1).map(({ id }) => id);
  const { sql, parameters } = whereClause(project, { about }, now);
  return client.query<RecordColumns>(
    `SELECT ${RECORD_COLUMNS} FROM records FINAL\nWHERE ${sql}\nORDER BY seq, id`,
    { parameters },
  );
}
