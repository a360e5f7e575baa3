import { createHash } from 'node:crypto';
import { BadQueryError } from '../../../../query/parse-query.js';
import type { Changes, Cursor } from '../../../record-store.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import type { StoredRecord } from '../../../../model/stored-record.js';
import { fromRow, RECORD_COLUMNS, type RecordColumns } from '../record-row.js';

/** Versions of one second. */
const SECOND = 1_000_000n * 1024n;
/** Writes of several servers become visible in another order than their versions. Rows of this time before the cursor are read again. */
const OVERLAP = 3n * SECOND;
/** Changes within the overlap that a cursor remembers: about 1.5 kB of text. With more, changes are returned when the overlap has passed. */
const MAX_REMEMBERED = 200;
/** A version without bit 63, which marks an erasure. */
export const WRITTEN = 'bitAnd(version, 9223372036854775807)';

/** Everything up to `version - OVERLAP` has been returned, and what `seen` names. */
interface ChangePosition {
  readonly version: bigint;
  readonly seen: ReadonlySet<string>;
}

/** A record that has changed, on one day. */
export interface ChangedId {
  readonly id: string;
  readonly day: string;
  readonly written: string;
  readonly is_deleted: number;
}

/**
 * Returns the changes after a cursor, whichever server wrote them. A table has no order of commits: rows shortly before the cursor are read
 * again, and those that it remembers are left out. While so many records arrive that a cursor cannot remember them, changes are returned three seconds
 * late, once each.
 */
export async function readChanges(
  client: ClickHouseClient,
  project: string,
  since: Cursor | undefined,
  limit: number,
): Promise<Changes> {
  const now = BigInt(Date.now()) * 1000n * 1024n;
  const position = since === undefined ? { version: now, seen: new Set<string>() } : parseCursor(since);
  const maxFound = limit + 2 * MAX_REMEMBERED;
  const found = await changedIds(client, project, position.version - OVERLAP, maxFound);
  const isCut = found.length === maxFound;
  const isRecent = ({ written }: ChangedId): boolean => BigInt(written) > now - OVERLAP;
  const isBusy = isCut || found.filter(isRecent).length > MAX_REMEMBERED;
  const rows = isBusy ? found.filter((row) => !isRecent(row)) : found;
  const cursor = [now, ...rows.filter(isRecent).map((row) => hashOf(row))].join('.');
  if (since === undefined) return { records: [], removed: [], isComplete: true, cursor };
  const changed = rows.filter((row) => !position.seen.has(hashOf(row)));
  if ((isCut && rows.length === found.length) || changed.length > limit)
    return { records: [], removed: [], isComplete: false, cursor: `${now}` };
  const records = await readRecords(client, project, changed);
  const isAlive = new Set(records.map(({ id }) => id));
  // An id that moved to another day has a deleted row as well.
  const removed = changed.filter((row) => row.is_deleted === 1 && !isAlive.has(row.id)).map(({ id }) => id);
  return { records, removed, cursor, isComplete: true };
}

function changedIds(
  client: ClickHouseClient,
  project: string,
  from: bigint,
  limit: number,
): Promise<readonly ChangedId[]> {
  return client.query<ChangedId>(
    `SELECT id, day, toString(max(${WRITTEN})) AS written, argMax(deleted, version) AS is_deleted
FROM records WHERE project = {project:String} AND ${WRITTEN} > {from:UInt64}
GROUP BY day, id ORDER BY max(${WRITTEN})
LIMIT {limit:UInt32}`,
    { parameters: { project, from, limit } },
  );
}

/** Returns the records of changes as they are now, without those that are gone. */
export async function readRecords(
  client: ClickHouseClient,
  project: string,
  changed: readonly ChangedId[],
): Promise<readonly StoredRecord[]> {
  const alive = changed.filter((row) => row.is_deleted === 0);
  if (alive.length === 0) return [];
  const rows = await client.query<RecordColumns>(
    `SELECT ${RECORD_COLUMNS} FROM records FINAL
WHERE project = {project:String} AND (day, id) IN (
  SELECT toDate32(pair.1), pair.2 FROM (SELECT arrayJoin(arrayZip({days:Array(String)}, {ids:Array(String)})) AS pair))
ORDER BY seq, id`,
    { parameters: { project, days: alive.map(({ day }) => day), ids: alive.map(({ id }) => id) } },
  );
  return rows.map((row) => fromRow(row));
}

/** @throws BadQueryError */
function parseCursor(cursor: Cursor): ChangePosition {
  const [version = '', ...seen] = cursor.split('.');
  if (!/^\d{1,19}$/.test(version)) throw new BadQueryError('since is no cursor of this server');
  return { version: BigInt(version), seen: new Set(seen) };
}

/** 36 bits: two of 200 changes share a hash with a chance of 1 in 3 million. */
function hashOf({ id, written }: ChangedId): string {
  return createHash('sha256').update(`${written} ${id}`).digest('base64url').slice(0, 6);
}
