import { ANONYMOUS } from '../../../../records/model/prompt-record.js';
import { NAME_PROPERTY, type UserList } from '../../../model/lists.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import type { Covered } from './covered-time.js';
import { propertyText } from './measure/property-values.js';
import { groupValues, isoTime, SEEN_MS, TOTALS, toTotals, type TotalsRow } from './totals.js';
import { whereClause } from './where-clause.js';

interface UserRow extends TotalsRow {
  readonly user: string;
  readonly threads: string;
  readonly first: string;
  readonly last: string;
  readonly total: string;
  readonly display_name: string;
}

/** Returns the users that occur in the records that match, latest active first, at most `limit`. */
export async function listUsers(
  client: ClickHouseClient,
  project: string,
  { query, since }: Covered,
  limit: number,
): Promise<UserList> {
  const { sql, parameters } = whereClause(project, query, Date.now());
  const rows = await client.query<UserRow>(
    `SELECT user, ${TOTALS}, uniqExactIf(thread, thread != '') AS threads,
  min(${SEEN_MS}) AS first, max(${SEEN_MS}) AS last,
  argMaxIf(${propertyText('nameProperty')}, (${SEEN_MS}, seq), ${propertyText('nameProperty')} != '') AS display_name,
  count() OVER () AS total
FROM records FINAL
WHERE ${sql}
GROUP BY user
ORDER BY last DESC, min(seq)
LIMIT {limit:UInt32}`,
    { parameters: { ...parameters, limit, nameProperty: NAME_PROPERTY } },
  );
  const models = await client.query<{ user: string; model: string }>(
    `SELECT user, model FROM records FINAL
WHERE ${sql} AND kind = 'prompt' AND model != '' AND user IN {listed:Array(String)}
GROUP BY user, model
ORDER BY count() DESC, min(seq) SETTINGS max_threads = 1`,
    { parameters: { ...parameters, listed: rows.map(({ user }) => user) } },
  );
  const modelsOf = groupValues(
    models,
    ({ user }) => user,
    ({ model }) => model,
  );
  return {
    users: rows.map((row) => ({
      userId: row.user,
      ...(row.display_name !== '' && row.user !== ANONYMOUS && { name: row.display_name }),
      ...toTotals(row),
      threads: Number(row.threads),
      models: modelsOf.get(row.user) ?? [],
      firstSeen: isoTime(row.first),
      lastSeen: isoTime(row.last),
    })),
    total: Number(rows[0]?.total ?? 0),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
  };
}
