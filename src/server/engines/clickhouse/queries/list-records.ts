import { BadQueryError } from '../../../query/parse-query.js';
import type { RecordQuery } from '../../../query/record-query.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import type { Cursor, PageRequest, RecordPage } from '../../record-store.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import { fromRow, RECORD_COLUMNS, type RecordColumns } from './record-row.js';
import { whereClause, type WhereClause } from './where-clause.js';

const DAY_MICROS = 86_400_000_000;
/** Each window is this many times as long as the one before. */
const GROWTH = 8;
/** Windows that are tried before everything that is older is read at once: 1, 8, 64 and 512 days. */
const WINDOWS = 4;

/** Position in the order of arrival. Records that two servers took in the same microsecond are told apart by their ids. */
interface ListPosition {
  readonly seq: number;
  readonly id: string;
}

/** Returns one page of the records that match, the latest first. */
export async function listRecords(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
  { limit, before, order = 'arrival' }: PageRequest,
): Promise<RecordPage> {
  if (order === 'time') return listByTime(client, project, query, limit, before);
  const start = before === undefined ? undefined : parsePosition(before);
  const where = whereClause(project, query, Date.now());
  const [found, total] = await Promise.all([
    readLatest(client, where, start, limit + 1),
    count(client, where),
  ]);
  const records = found.slice(0, limit);
  const last = records.at(-1);
  return {
    records,
    total,
    ...(found.length > limit && last && { next: `${last.seq}~${last.id}` }),
    feedback: await feedbackOn(client, project, records),
  };
}

/** The cursor is the time of the last record, and its place in the order of arrival. */
async function listByTime(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
  limit: number,
  before: Cursor | undefined,
): Promise<RecordPage> {
  const [, at, seq, id] = /^t(-?\d{1,16})~(\d{1,16})~(.*)$/s.exec(before ?? '') ?? [];
  if (before !== undefined && at === undefined)
    throw new BadQueryError('before is no cursor of a page in order of time');
  const where = whereClause(project, query, Date.now());
  const key = 'toUnixTimestamp64Milli(records.at), records.seq, records.id';
  const earlier = at === undefined ? '' : `AND (${key}) < ({at:Int64}, {seq:UInt64}, {before:String})`;
  const [rows, total] = await Promise.all([
    client.query<RecordColumns>(
      `SELECT ${RECORD_COLUMNS} FROM records FINAL
WHERE ${where.sql} ${earlier}
ORDER BY records.at DESC, records.seq DESC, records.id DESC
LIMIT {limit:UInt32}`,
      {
        parameters: {
          ...where.parameters,
          limit: limit + 1,
          ...(at !== undefined && { at, seq: seq ?? '0', before: id ?? '' }),
        },
      },
    ),
    count(client, where),
  ]);
  const records = rows.slice(0, limit).map((row) => fromRow(row));
  const last = rows[limit - 1];
  return {
    records,
    total,
    ...(rows.length > limit && last && { next: `t${last.at}~${last.seq}~${last.id}` }),
    feedback: await feedbackOn(client, project, records),
  };
}

/**
 * Reads windows of arrival, from the latest to earlier ones, until there are enough records. Only the last window costs what everything costs: a
 * minmax index on `seq` skips what lies outside of the others.
 */
async function readLatest(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
  start: ListPosition | undefined,
  limit: number,
): Promise<readonly StoredRecord[]> {
  const records: StoredRecord[] = [];
  // Another server's clock may be ahead.
  let to: ListPosition = start ?? { seq: Date.now() * 1000 + DAY_MICROS, id: '' };
  let length = start ? DAY_MICROS : 2 * DAY_MICROS;
  for (let window = 0; window <= WINDOWS && records.length < limit; window++) {
    const from = window === WINDOWS ? 0 : Math.max(0, to.seq - length);
    const rows = await client.query<RecordColumns>(
      `SELECT ${RECORD_COLUMNS} FROM records FINAL
WHERE ${sql}
  AND seq >= {from:UInt64} AND seq <= {to:UInt64} AND (seq, id) < ({to:UInt64}, {before:String})
ORDER BY seq DESC, id DESC
LIMIT {limit:UInt32}`,
      { parameters: { ...parameters, from, to: to.seq, before: to.id, limit: limit - records.length } },
    );
    for (const row of rows) records.push(fromRow(row));
    to = { seq: from, id: '' };
    length *= GROWTH;
  }
  return records;
}

/** Returns the number of records that match. @throws ClickHouseError */
export async function count(client: ClickHouseClient, { sql, parameters }: WhereClause): Promise<number> {
  const [row] = await client.query<{ total: string }>(
    `SELECT count() AS total FROM records FINAL\nWHERE ${sql}`,
    { parameters },
  );
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

/** @throws BadQueryError */
function parsePosition(cursor: Cursor): ListPosition {
  const [, seq, id] = /^(\d{1,16})(?:~(.*))?$/s.exec(cursor) ?? [];
  if (seq === undefined) throw new BadQueryError('before is no cursor of this server');
  return { seq: Number(seq), id: id ?? '' };
}
