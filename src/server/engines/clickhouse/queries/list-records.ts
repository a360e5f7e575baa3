import type { RecordQuery } from '../../../query/record-query.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import type { PageRequest, RecordPage } from '../../record-store.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import { LIST_ORDERS, type ListOrder, type ListPosition } from './list-order.js';
import { fromRow, RECORD_COLUMNS, type RecordColumns } from './record-row.js';
import { isSelective, whereClause, type WhereClause } from './where-clause.js';

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
  const length = query.terms === undefined ? FIRST_WINDOW_MS : FIRST_SEARCH_WINDOW_MS;
  const walk = { order, where, start, limit: limit + 1, now, length, isSelective: isSelective(query) };
  const rows = await readLatest(client, project, walk);
  const page = rows.slice(0, limit);
  const records = page.map((row) => fromRow(row));
  const last = page.at(-1);
  const [total, feedback] = await Promise.all([
    // The first page of few records is all of them.
    start === undefined && rows.length <= limit ? rows.length : count(client, where, MAX_COUNTED + 1),
    feedbackOn(client, project, records),
  ]);
  return {
    records,
    total: Math.min(total, MAX_COUNTED),
    ...(total > MAX_COUNTED && { isTotalCapped: true }),
    ...(rows.length > limit && last && { next: order.format(order.positionOf(last)) }),
    feedback,
  };
}

interface Walk {
  readonly order: ListOrder;
  readonly where: WhereClause;
  /** Exclusive. Undefined: the latest. */
  readonly start: ListPosition | undefined;
  readonly limit: number;
  readonly now: number;
  /** Milliseconds of the first window. */
  readonly length: number;
  /** Few records match, and an index finds them. */
  readonly isSelective: boolean;
}

/**
 * Reads windows, from the latest to earlier ones, until there are enough records. Each is as long as the number of matches in the one before suggests, so
 * that a page of frequent records costs the same whatever the table holds.
 */
async function readLatest(
  client: ClickHouseClient,
  project: string,
  { order, where, start, limit, now, length: firstLength, isSelective: isWhole }: Walk,
): Promise<readonly RecordColumns[]> {
  const rows: RecordColumns[] = [];
  let to = start;
  let length = firstLength;
  for (let window = isWhole ? WINDOWS : 0; window <= WINDOWS && rows.length < limit; window++) {
    const fromMs = (to === undefined ? now : order.msOf(to)) - length;
    const from = window === WINDOWS ? undefined : order.valueAt(fromMs);
    const missing = limit - rows.length;
    const found = await readWindow(client, project, { order, where, from, to, limit: missing });
    rows.push(...found);
    if (from !== undefined) to = { value: from, seq: 0, id: '' };
    const growth = found.length === 0 ? MAX_GROWTH : (MARGIN * (missing - found.length)) / found.length;
    length *= Math.min(MAX_GROWTH, Math.max(MIN_GROWTH, growth));
  }
  return rows;
}

interface Window {
  readonly order: ListOrder;
  readonly where: WhereClause;
  readonly from: number | undefined;
  readonly to: ListPosition | undefined;
  readonly limit: number;
}

/**
 * Returns the latest records of a window. The inner query finds their keys by columns that are short, with FINAL; the outer one reads the texts of these rows
 * alone. A version that was inserted twice is there twice until a merge.
 */
function readWindow(
  client: ClickHouseClient,
  project: string,
  { order, where, from, to, limit }: Window,
): Promise<readonly RecordColumns[]> {
  const { value } = order;
  const conditions = [
    where.sql,
    ...(from === undefined ? [] : order.fromConditions),
    ...(to === undefined
      ? []
      : [...order.toConditions, `(${value}, seq, id) < ({to:Int64}, {toSeq:UInt64}, {toId:String})`]),
  ];
  const sorted = `${value} DESC, seq DESC, id DESC`;
  return client.query<RecordColumns>(
    `SELECT ${RECORD_COLUMNS} FROM records
WHERE project = {project:String} AND (day, id, version) IN (
  SELECT day, id, version FROM records FINAL
  WHERE ${conditions.join('\n  AND ')}
  ORDER BY ${sorted} LIMIT {limit:UInt32})
ORDER BY ${sorted} LIMIT 1 BY id`,
    {
      parameters: {
        ...where.parameters,
        project,
        limit,
        ...(from !== undefined && { from, ...order.parametersAt('from', from) }),
        ...(to && { to: to.value, toSeq: to.seq, toId: to.id, ...order.parametersAt('to', to.value) }),
      },
    },
  );
}

/** Returns the number of records that match, or `max` if there are more. @throws ClickHouseError */
export async function count(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
  max?: number,
): Promise<number> {
  const rows =
    max === undefined
      ? `records FINAL\nWHERE ${sql}`
      : `(SELECT 1 FROM records FINAL\nWHERE ${sql}\nLIMIT ${max})`;
  const [row] = await client.query<{ total: string }>(`SELECT count() AS total FROM ${rows}`, { parameters });
  return Number(row?.total ?? 0);
}

async function feedbackOn(
  client: ClickHouseClient,
  project: string,
  records: readonly StoredRecord[],
): Promise<readonly StoredRecord[]> {
  if (records.length === 0) return [];
  const { sql, parameters } = whereClause(project, { about: records.map(({ id }) => id) }, Date.now());
  const rows = await client.query<RecordColumns>(
    `SELECT ${RECORD_COLUMNS} FROM records FINAL\nWHERE ${sql}\nORDER BY seq, id`,
    { parameters },
  );
  return rows.map((row) => fromRow(row));
}
