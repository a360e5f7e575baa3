import { ANONYMOUS } from '../../../../records/model/prompt-record.js';
import type { UserList } from '../../../model/lists.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import type { Covered } from './covered-time.js';
import { slotOf } from './measure/groups.js';
import { groupValues, isoTime, SEEN_MS, TOTALS, toTotals, type TotalsRow } from './totals.js';
import { whereClause, type WhereClause } from './where-clause.js';

interface UserRow extends TotalsRow {
  readonly user: string;
  readonly threads: string;
  readonly first: string;
  readonly last: string;
  readonly total: string;
  readonly name: string;
  /** Prompts of each listed model, and the place of the first of them in the order of arrival; without these columns if there are too many models. */
  readonly used?: readonly string[];
  readonly since?: readonly string[];
}

/** Models that are counted in the pass that sums up: each takes 16 bytes per person. */
const MAX_COUNTED_MODELS = 64;

/** Returns the users that occur in the records that match, latest active first, at most `limit`. */
export async function listUsers(
  client: ClickHouseClient,
  project: string,
  { query, since }: Covered,
  limit: number,
): Promise<UserList> {
  const where = whereClause(project, query, Date.now());
  const models = await readModels(client, where);
  const rows = await readRows(client, where, models, limit);
  const modelsOf =
    models.length > MAX_COUNTED_MODELS
      ? await readModelsOf(client, where, rows)
      : new Map(rows.map((row) => [row.user, rankModels(row, models)]));
  return {
    users: rows.map((row) => ({
      userId: row.user,
      ...(row.name !== '' && row.user !== ANONYMOUS && { name: row.name }),
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

/** Reads the names of the models in all versions of the records that match: one column, without FINAL. Reads one more than can be counted. */
async function readModels(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
): Promise<readonly string[]> {
  const rows = await client.query<{ model: string }>(
    `SELECT DISTINCT model FROM records
WHERE ${sql} AND model != ''
LIMIT ${MAX_COUNTED_MODELS + 1} SETTINGS max_threads = 1`,
    { parameters },
  );
  return rows.map(({ model }) => model);
}

/** A second pass with FINAL for the models of the listed people takes four times as long as to count them here. */
function readRows(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
  models: readonly string[],
  limit: number,
): Promise<readonly UserRow[]> {
  const isCounted = models.length > 0 && models.length <= MAX_COUNTED_MODELS;
  const range = `Resample(1, ${models.length + 1}, 1)`;
  const slot = `if(kind = 'prompt', ${slotOf('model')}, 0)`;
  return client.query<UserRow>(
    `SELECT user, ${TOTALS}, uniqExactIf(thread, thread != '') AS threads,
  min(${SEEN_MS}) AS first, max(${SEEN_MS}) AS last,
  argMaxIf(display_name, (${SEEN_MS}, seq), display_name != '') AS name,${isCounted ? `\n  count${range}(${slot}) AS used, min${range}(seq, ${slot}) AS since,` : ''}
  count() OVER () AS total
FROM records FINAL
WHERE ${sql}
GROUP BY user
ORDER BY last DESC, user
LIMIT {limit:UInt32}`,
    { parameters: { ...parameters, limit, ...(isCounted && { listed: models }) } },
  );
}

/** Returns the models of one person, most used first; of two that are used as often, the one that was used first. */
function rankModels({ used = [], since = [] }: UserRow, models: readonly string[]): readonly string[] {
  return models
    .map((name, slot) => ({ name, used: Number(used[slot]), since: Number(since[slot]) }))
    .filter((model) => model.used > 0)
    .sort((a, b) => b.used - a.used || a.since - b.since)
    .map(({ name }) => name);
}

/** Reads the models of the listed people in a pass of its own. */
async function readModelsOf(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
  listed: readonly UserRow[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  // Not by the index of people: they are in most granules.
  const rows = await client.query<{ user: string; model: string }>(
    `SELECT user, model FROM records FINAL
WHERE ${sql} AND kind = 'prompt' AND model != '' AND identity(user) IN {listed:Array(String)}
GROUP BY user, model
ORDER BY count() DESC, min(seq) SETTINGS max_threads = 1`,
    { parameters: { ...parameters, listed: listed.map(({ user }) => user) } },
  );
  return groupValues(
    rows,
    ({ user }) => user,
    ({ model }) => model,
  );
}
