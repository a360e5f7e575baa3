import type { ClickHouseClient } from '../client/clickhouse-client.js';
import { WRITTEN } from './changes/read-changes.js';

/** Age up to which rows are read. Log records wait as long for their span. */
const RECENT_MS = 15 * 60_000;
/** Versions of one millisecond, as `Clock` writes them. */
const MILLISECOND = 1000n * 1024n;

/**
 * Returns the ids of records of these traces that were written in the last minutes, some of which may be gone. Only the ids of these minutes are
 * read, found by the index of versions, however many traces are asked for.
 */
export async function recentInTraces(
  client: ClickHouseClient,
  project: string,
  traceIds: readonly string[],
  now: number,
): Promise<readonly string[]> {
  const from = BigInt(Math.floor(now - RECENT_MS)) * MILLISECOND;
  const rows = await client.query<{ readonly id: string }>(
    `SELECT DISTINCT id FROM records
WHERE project = {project:String} AND ${WRITTEN} > {from:UInt64} AND substring(id, 1, 32) IN {traces:Array(String)}`,
    { parameters: { project, from, traces: traceIds } },
  );
  return rows.map(({ id }) => id);
}
