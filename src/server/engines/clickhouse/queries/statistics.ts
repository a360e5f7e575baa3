import { fromNanoDollars, toNanoDollars } from '../../../model/cost.js';
import type {
  EvaluationSummary,
  ModelSummary,
  NamedCount,
  Statistics,
  TimeSeries,
  Totals,
} from '../../../model/statistics.js';
import { timeBuckets, type TimeBuckets } from '../../../model/time-buckets.js';
import type { ZoneClock } from '../../../model/time-zone.js';
import type { ClickHouseClient } from '../client/clickhouse-client.js';
import type { Covered } from './covered-time.js';
import {
  AT_MS,
  IS_PLAUSIBLE,
  LATENCIES,
  toLatencySummary,
  TOTALS,
  toTotals,
  type LatencyRow,
  type TotalsRow,
} from './totals.js';
import { whereClause, type WhereClause } from './where-clause.js';

/** Length of each list of names: what the overview has room for. */
const MAX_NAMED = 50;
/** Models whose sums are read: more than are listed, because turns can move tokens to a model without prompts. */
const MAX_MODELS = 1000;

interface SumsRow extends TotalsRow, LatencyRow {
  readonly records: string;
  readonly users: string;
  readonly people: string;
  readonly threads: string;
  readonly positive: string;
  readonly negative: string;
  readonly other: string;
  readonly plausible: string;
  readonly first: string;
  readonly last: string;
  readonly firstOfAll: string;
  readonly lastOfAll: string;
}

/** Reads the numbers of the overview. Each kind of number is a query of its own, which costs less than GROUPING SETS. */
export async function readStatistics(
  client: ClickHouseClient,
  project: string,
  { query, since }: Covered,
  maxBuckets: number,
  clock: ZoneClock,
): Promise<Statistics> {
  const where = whereClause(project, query, Date.now());
  const named = (select: string, condition = '1'): Promise<readonly NamedCount[]> =>
    readNamed(client, where, select, condition);
  const [sums, models, topUsers, tags, eventNames, evaluations] = await Promise.all([
    readSums(client, where),
    readModels(client, where),
    named('user', "kind = 'prompt'"),
    named('arrayJoin(tags)'),
    named('event', "event != ''"),
    readEvaluations(client, where),
  ]);
  return {
    ...toTotals(sums),
    records: Number(sums.records),
    users: Number(sums.users),
    people: Number(sums.people),
    threads: Number(sums.threads),
    latency: toLatencySummary(sums),
    feedback: {
      positive: Number(sums.positive),
      negative: Number(sums.negative),
      other: Number(sums.other),
    },
    evaluations,
    models,
    topUsers,
    tags,
    eventNames,
    series: await readSeries(client, where, sums, maxBuckets, clock),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
  };
}

async function readSums(client: ClickHouseClient, { sql, parameters }: WhereClause): Promise<SumsRow> {
  const [row] = await client.query<SumsRow>(
    `SELECT ${TOTALS}, ${LATENCIES}, count() AS records, uniqExact(user) AS users,
  uniqExactIf(user, kind = 'prompt' OR is_error = 1) AS people, uniqExactIf(thread, thread != '') AS threads,
  countIf(feedback = 'positive') AS positive, countIf(feedback = 'negative') AS negative, countIf(feedback = 'other') AS other,
  countIf(${IS_PLAUSIBLE}) AS plausible, minIf(${AT_MS}, ${IS_PLAUSIBLE}) AS first, maxIf(${AT_MS}, ${IS_PLAUSIBLE}) AS last,
  min(${AT_MS}) AS firstOfAll, max(${AT_MS}) AS lastOfAll
FROM records FINAL
WHERE ${sql}`,
    { parameters },
  );
  if (!row) throw new Error('An aggregation without groups has one row');
  return row;
}

async function readModels(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
): Promise<readonly ModelSummary[]> {
  const [groups, parts] = await Promise.all([
    client.query<{ model: string } & TotalsRow & LatencyRow>(
      `SELECT model, ${TOTALS}, ${LATENCIES} FROM records FINAL
WHERE ${sql}
GROUP BY model ORDER BY prompts DESC, model LIMIT ${MAX_MODELS}`,
      { parameters },
    ),
    client.query<PartRow>(
      `SELECT model AS own, part, sum(part_input) AS input, sum(part_output) AS output,
  sum(part_nanos) AS nanoDollars, sum(part_priced) AS priced, sum(part_unpriced) AS unpriced FROM records FINAL
ARRAY JOIN part_models AS part, part_input_tokens AS part_input, part_output_tokens AS part_output,
  part_nano_dollars AS part_nanos, part_priced_calls AS part_priced, part_unpriced_calls AS part_unpriced
WHERE ${sql}
GROUP BY own, part`,
      { parameters },
    ),
  ]);
  const models = new Map<
    string,
    { readonly assistantId: string; readonly latency: ModelSummary['latency'] } & Totals
  >();
  for (const row of groups)
    models.set(row.model, { assistantId: row.model, ...toTotals(row), latency: toLatencySummary(row) });
  // Moves the tokens and costs of other models in a turn to those models.
  for (const row of parts) {
    addPart(models.get(row.own), row, -1);
    if (!models.has(row.part)) models.set(row.part, emptySummary(row.part));
    addPart(models.get(row.part), row, 1);
  }
  models.delete('');
  return [...models.values()]
    .sort((a, b) => b.prompts - a.prompts || (a.assistantId < b.assistantId ? -1 : 1))
    .slice(0, MAX_NAMED);
}

/** Sums of what one model used in turns of another one. */
interface PartRow {
  readonly own: string;
  readonly part: string;
  readonly input: number;
  readonly output: number;
  readonly nanoDollars: string;
  readonly priced: string;
  readonly unpriced: string;
}

function addPart(totals: Totals | undefined, part: PartRow, sign: 1 | -1): void {
  if (!totals) return;
  totals.inputTokens += sign * part.input;
  totals.outputTokens += sign * part.output;
  totals.totalTokens += sign * (part.input + part.output);
  totals.cost = fromNanoDollars(toNanoDollars(totals.cost) + sign * Number(part.nanoDollars));
  totals.pricedCalls += sign * Number(part.priced);
  totals.unpricedCalls += sign * Number(part.unpriced);
}

function emptySummary(assistantId: string): ModelSummary {
  const none = { prompts: 0, events: 0, requests: 0, errors: 0 };
  const latency = { p50: null, p95: null, p99: null };
  const tokens = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
  return { assistantId, ...none, ...tokens, cost: 0, pricedCalls: 0, unpricedCalls: 0, latency };
}

async function readEvaluations(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
): Promise<readonly EvaluationSummary[]> {
  const rows = await client.query<{
    readonly name: string;
    readonly label: string;
    readonly number: string;
    readonly scored: string;
    readonly scores: number | null;
  }>(
    `SELECT evaluation AS name, label, count() AS number, count(score) AS scored, sum(score) AS scores FROM records FINAL
WHERE ${sql} AND evaluation != ''
GROUP BY name, label ORDER BY number DESC, label`,
    { parameters },
  );
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

async function readNamed(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
  select: string,
  condition: string,
): Promise<readonly NamedCount[]> {
  const rows = await client.query<{ name: string; number: string }>(
    `SELECT ${select} AS name, count() AS number FROM records FINAL
WHERE ${sql} AND ${condition}
GROUP BY name ORDER BY number DESC, name LIMIT ${MAX_NAMED}`,
    { parameters },
  );
  return rows.map(({ name, number }) => ({ name, count: Number(number) }));
}

async function readSeries(
  client: ClickHouseClient,
  where: WhereClause,
  sums: SumsRow,
  maxBuckets: number,
  clock: ZoneClock,
): Promise<TimeSeries> {
  const buckets = bucketsFor(sums, maxBuckets, clock);
  const rows = await readBuckets(client, where, buckets);
  const byStart = new Map(rows.map((row) => [Number(row.start), row]));
  const column = <T>(valueOf: (row: (typeof rows)[number]) => T, none: T): readonly T[] =>
    buckets.at.map((start) => {
      const row = byStart.get(start);
      return row ? valueOf(row) : none;
    });
  const inside = rows.reduce((sum, row) => sum + Number(row.records), 0);
  return {
    ...buckets,
    timeZone: clock.timeZone,
    outside: Number(sums.records) - inside,
    prompts: column((row) => Number(row.prompts), 0),
    requests: column((row) => Number(row.requests), 0),
    errors: column((row) => Number(row.errors), 0),
    latencyP50: column((row) => toLatencySummary(row).p50, null),
    latencyP95: column((row) => toLatencySummary(row).p95, null),
    inputTokens: column((row) => Number(row.inputTokens), 0),
    outputTokens: column((row) => Number(row.outputTokens), 0),
    totalTokens: column((row) => Number(row.totalTokens), 0),
    cost: column((row) => toTotals(row).cost, 0),
    pricedCalls: column((row) => Number(row.pricedCalls), 0),
    unpricedCalls: column((row) => Number(row.unpricedCalls), 0),
  };
}

type BucketRow = { readonly start: string; readonly records: string } & TotalsRow & LatencyRow;

async function readBuckets(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
  { at, end }: TimeBuckets,
): Promise<readonly BucketRow[]> {
  if (at.length === 0) return [];
  return client.query<BucketRow>(
    `SELECT roundDown(${AT_MS}, {starts:Array(Int64)}) AS start, count() AS records, ${TOTALS}, ${LATENCIES}
FROM records FINAL
WHERE ${sql} AND ${AT_MS} >= {first:Int64} AND ${AT_MS} < {end:Int64}
GROUP BY start`,
    { parameters: { ...parameters, starts: at, first: at[0] ?? 0, end } },
  );
}

/** Times that are not plausible are in no bucket, unless no other is there. */
function bucketsFor(sums: SumsRow, maxBuckets: number, clock: ZoneClock): TimeBuckets {
  if (sums.records === '0') return { stepMs: 0, at: [], end: 0 };
  return sums.plausible === '0'
    ? timeBuckets(Number(sums.firstOfAll), Number(sums.lastOfAll), maxBuckets, clock)
    : timeBuckets(Number(sums.first), Number(sums.last), maxBuckets, clock);
}
