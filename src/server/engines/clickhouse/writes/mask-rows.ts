import { wellFormed } from '../../../../records/text/clean-text.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import type { Parameters } from '../client/parameters.js';
import { digestOf, digestSql } from './digest.js';

/** Ids of one mask: each is a mutation of all parts. */
const MASKED_AT_ONCE = 5000;

/** Masks the rows with content of these records, not those that hide them. @throws ClickHouseError */
export async function maskRows(
  client: ClickHouseClient,
  project: string,
  ids: readonly string[],
): Promise<void> {
  const [found] = await client.query<{ readonly days: readonly string[] }>(
    `SELECT groupUniqArray(day) AS days FROM records
WHERE project = {project:String} AND id IN {ids:Array(String)} AND deleted = 0`,
    { parameters: { project, ids } },
  );
  await mask(client, '', { project, days: found?.days ?? [], digests: ids.map(digestOf) });
}

/** Masks the rows that later ones of the same id supersede. Merges would remove them as well, at no time that can be said. @throws ClickHouseError */
export async function maskEarlier(
  client: ClickHouseClient,
  project: string,
  ids: readonly string[],
): Promise<void> {
  for (let from = 0; from < ids.length; from += MASKED_AT_ONCE) {
    const some = ids.slice(from, from + MASKED_AT_ONCE).map(wellFormed);
    const latest = await client.query<{ id: string; version: string; days: readonly string[] }>(
      `SELECT id, max(version) AS version, groupUniqArray(day) AS days FROM records
WHERE project = {project:String} AND id IN {ids:Array(String)} GROUP BY id HAVING count() > 1`,
      { parameters: { project, ids: some } },
    );
    if (latest.length === 0) continue;
    const earlier = `version < arrayElement({versions:Array(UInt64)}, indexOf({digests:Array(String)}, ${digestSql('id')}))`;
    await mask(client, ` AND ${earlier}`, {
      project,
      days: [...new Set(latest.flatMap(({ days }) => days))],
      digests: latest.map(({ id }) => digestOf(id)),
      versions: latest.map(({ version }) => BigInt(version)),
    });
  }
}

/** Masks by days, with which the key of the table begins, because no index has the digests. */
async function mask(
  client: ClickHouseClient,
  condition: string,
  parameters: Parameters & { readonly days: readonly string[] },
): Promise<void> {
  // Each statement is a mutation of all parts, also if it finds nothing.
  if (parameters.days.length === 0) return;
  await client.command(
    `DELETE FROM records WHERE project = {project:String} AND day IN {days:Array(Date32)} AND deleted = 0
AND ${digestSql('id')} IN {digests:Array(String)}${condition}`,
    { parameters },
  );
}
