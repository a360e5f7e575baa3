import { BadQueryError } from '../../../../query/parse-query.js';
import type { ChangePage, Cursor } from '../../../record-store.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import { readRecords, WRITTEN, type ChangedId } from './read-changes.js';

/** Versions of one millisecond. */
const MILLISECOND = 1000n * 1024n;
/** Two servers that write in the same millisecond have versions up to this far apart, and the clock goes on while it asks. */
const SLACK = 2n * MILLISECOND;

/**
 * Returns the changes after a cursor in the order of their versions, page by page. A table has no order of commits: what was written less than `lagMs` ago is told
 * later, because an insert that has begun earlier may end later. So nothing is left out, whichever servers write, as long as no insert takes longer than that.
 *
 * @throws BadQueryError if `since` is no cursor of this engine
 */
export async function readChangePage(
  client: ClickHouseClient,
  project: string,
  since: Cursor | undefined,
  { limit, lagMs }: { readonly limit: number; readonly lagMs: number },
): Promise<ChangePage> {
  const until = BigInt(Date.now() - lagMs) * MILLISECOND + SLACK;
  const nothing = { records: [], removed: [], isComplete: true, hasMore: false };
  if (since === undefined) return { ...nothing, cursor: String(until) };
  if (!/^\d{1,19}$/.test(since)) throw new BadQueryError('cursor is none of this server');
  const found = await client.query<ChangedId>(
    `SELECT id, day, toString(max(${WRITTEN})) AS written, argMax(deleted, version) AS is_deleted
FROM records WHERE project = {project:String} AND ${WRITTEN} > {from:UInt64}
GROUP BY day, id HAVING max(${WRITTEN}) <= {until:UInt64} ORDER BY max(${WRITTEN}), id
LIMIT {limit:UInt32}`,
    { parameters: { project, from: BigInt(since), until, limit: limit + 1 } },
  );
  const page = wholeVersions(found, limit);
  const last = page.at(-1);
  const records = await readRecords(client, project, page);
  const isAlive = new Set(records.map(({ id }) => id));
  // An id that moved to another day has a deleted row as well.
  const removed = page.filter((row) => row.is_deleted === 1 && !isAlive.has(row.id)).map(({ id }) => id);
  const hasMore = page.length < found.length;
  // Without further changes, the next look begins here, and not at the last change of long ago.
  const end = hasMore ? BigInt(last?.written ?? since) : until > BigInt(since) ? until : BigInt(since);
  return { records, removed, cursor: String(end), isComplete: true, hasMore };
}

/** Returns at most `limit` rows, of the last version all or none: its rows belong to one record that moved to another day. */
function wholeVersions(found: readonly ChangedId[], limit: number): readonly ChangedId[] {
  if (found.length <= limit) return found;
  const next = found[limit]?.written;
  const whole = found.slice(0, limit).filter(({ written }) => written !== next);
  return whole.length > 0 ? whole : found.filter(({ written }) => written === next);
}
