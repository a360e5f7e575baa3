import type { EvaluationSummary, NamedCount, Statistics } from '../../../../model/statistics.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import type { WhereClause } from '../where-clause.js';
import { MAX_NAMED } from './max-named.js';

/** Grouping of a row of {@link readNames}: one bit for each of user, event, evaluation and label, which is 1 if the row is not grouped by it. */
const BY_USER = 0b0111;
const BY_EVENT = 0b1011;
const BY_EVALUATION = 0b1100;

interface NameRow extends EvaluationRow {
  readonly set: number;
  readonly name: string;
  /** Number of names in the set, and of those with a prompt or an error. */
  readonly names: string;
  readonly asking: string;
}

/** Counts by user, event and evaluation in one pass. Counting the groups of users costs less than a set of all of them. */
export async function readNames(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
): Promise<Pick<Statistics, 'users' | 'people' | 'topUsers' | 'eventNames' | 'evaluations'>> {
  const rows = await client.query<NameRow>(
    `SELECT set, name, label, number, scored, scores, names, asking FROM (
  SELECT toUInt8(grouping(user, event, evaluation, label)) AS set, concat(user, event, evaluation) AS name, label,
    if(set = ${BY_USER}, countIf(kind = 'prompt'), count()) AS number, count(score) AS scored, sum(score) AS scores,
    row_number() OVER (PARTITION BY set ORDER BY number DESC, name) AS place, count() OVER (PARTITION BY set) AS names,
    countIf(kind = 'prompt' OR is_error = 1) AS requests, countIf(requests > 0) OVER (PARTITION BY set) AS asking
  FROM records FINAL
  WHERE ${sql}
  GROUP BY GROUPING SETS ((user), (event), (evaluation, label))
  HAVING set = ${BY_USER} OR name != ''
) WHERE set = ${BY_EVALUATION} OR place <= ${MAX_NAMED}
ORDER BY set, number DESC, name, label`,
    { parameters },
  );
  const counts = (set: number): readonly NamedCount[] =>
    rows
      .filter((row) => row.set === set && row.number !== '0')
      .map(({ name, number }) => ({ name, count: Number(number) }));
  const byUser = rows.find(({ set }) => set === BY_USER);
  return {
    users: Number(byUser?.names ?? 0),
    people: Number(byUser?.asking ?? 0),
    topUsers: counts(BY_USER),
    eventNames: counts(BY_EVENT),
    evaluations: listEvaluations(rows.filter(({ set }) => set === BY_EVALUATION)),
  };
}

/** `rows` are most frequent first. */
function listEvaluations(rows: readonly NameRow[]): readonly EvaluationSummary[] {
  const names = [...new Set(rows.map(({ name }) => name))];
  return names
    .map((name) =>
      summarise(
        name,
        rows.filter((row) => row.name === name),
      ),
    )
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_NAMED);
}

interface EvaluationRow {
  readonly label: string;
  readonly number: string;
  readonly scored: string;
  readonly scores: number | null;
}

/** `rows` are those of one name, one for each label, most frequent first. */
function summarise(name: string, rows: readonly EvaluationRow[]): EvaluationSummary {
  const total = (valueOf: (row: EvaluationRow) => string | number | null): number =>
    rows.reduce((sum, row) => sum + Number(valueOf(row) ?? 0), 0);
  const scored = total((row) => row.scored);
  const labels = rows
    .filter(({ label }) => label !== '')
    .map(({ label, number }) => ({ name: label, count: Number(number) }));
  return {
    name,
    count: total((row) => row.number),
    scored,
    meanScore: scored === 0 ? null : Number((total((row) => row.scores) / scored).toFixed(6)),
    labels: labels.slice(0, MAX_NAMED),
  };
}

/** Counts by tag. A record can have several. */
export async function readTags(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
): Promise<readonly NamedCount[]> {
  const rows = await client.query<{ name: string; number: string }>(
    `SELECT arrayJoin(tags) AS name, count() AS number FROM records FINAL
WHERE ${sql}
GROUP BY name ORDER BY number DESC, name LIMIT ${MAX_NAMED}`,
    { parameters },
  );
  return rows.map(({ name, number }) => ({ name, count: Number(number) }));
}
