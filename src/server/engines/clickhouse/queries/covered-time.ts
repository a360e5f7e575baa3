import { resolveTime, type RecordQuery } from '../../../query/record-query.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import { dayOf } from './record-row.js';
import { isIndexed } from './where-clause.js';

const DAY_MS = 86_400_000;
/** Days of the first window that is counted, and how many times as long each further one is. */
const FIRST_DAYS = 31;
const GROWTH = 4;
/** Windows that are tried before all days are counted. */
const WINDOWS = 3;

/** A query, and since when it asks, if that is later than what was asked for. */
export interface Covered {
  readonly query: RecordQuery;
  /** Milliseconds since 1970: the start of a day in UTC. */
  readonly since?: number;
}

/**
 * Limits a summary without a beginning to the latest days with `max` records. Without that, each refresh of a page would read all of time. A range of time that is
 * asked for, and what an index finds, are left as they are.
 */
export async function coverLatest(
  client: ClickHouseClient,
  project: string,
  query: RecordQuery,
  max: number,
): Promise<Covered> {
  if (query.since !== undefined || isIndexed(query) || (await rowsOfTable(client)) <= max) return { query };
  const now = Date.now();
  const until = query.until === undefined ? undefined : resolveTime(query.until, now);
  let days = FIRST_DAYS;
  for (let window = 0; window <= WINDOWS; window++, days *= GROWTH) {
    const from = window === WINDOWS ? undefined : (until ?? now) - days * DAY_MS;
    const since = await firstDay(client, project, { from, until, max });
    if (since !== undefined) return { query: { ...query, since: { at: since } }, since };
  }
  return { query };
}

/** Counts all projects, and repeats that were not merged: the cost does not grow with the number of records. */
async function rowsOfTable(client: ClickHouseClient): Promise<number> {
  const [row] = await client.query<{ number: string }>(
    `SELECT sum(rows) AS number FROM system.parts WHERE active AND database = currentDatabase() AND table = 'records'`,
  );
  return Number(row?.number ?? 0);
}

interface Days {
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly max: number;
}

/** Returns the day from which on there are `max` records, or undefined if there are fewer. Reads one column of the key. */
async function firstDay(
  client: ClickHouseClient,
  project: string,
  { from, until, max }: Days,
): Promise<number | undefined> {
  const conditions = [
    'project = {project:String}',
    ...(from === undefined ? [] : ['day >= {from:Date32}']),
    ...(until === undefined ? [] : ['day <= {until:Date32}']),
  ];
  const [row] = await client.query<{ day: string }>(
    `SELECT toString(day) AS day FROM (
  SELECT day, sum(count()) OVER (ORDER BY day DESC) AS number FROM records WHERE ${conditions.join(' AND ')} GROUP BY day)
WHERE number >= {max:UInt64} ORDER BY day DESC LIMIT 1`,
    {
      parameters: {
        project,
        max,
        ...(from !== undefined && { from: dayOf(from) }),
        ...(until !== undefined && { until: dayOf(until) }),
      },
    },
  );
  return row && Date.parse(`${row.day}T00:00:00.000Z`);
}
