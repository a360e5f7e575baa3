import { feedbackOfCode } from '../../../model/feedback.js';
import { DistinctNumbers, groupRows } from '../lists/group-rows.js';
import type { StringInterner } from '../table/string-interner.js';
import type { RecordTable } from '../table/record-table.js';
import type { RowPart } from '../table/row-parts.js';
import { latencyAt, latencyPercentiles } from './percentiles.js';
import { rowsByLatency } from './rows-by-latency.js';
import type {
  EvaluationSummary,
  LatencySummary,
  ModelSummary,
  NamedCount,
  Statistics,
} from '../../../model/statistics.js';
import type { ZoneClock } from '../../../model/time-zone.js';
import { timeSeries } from './time-series.js';
import { emptyTotals, toTotals, type RunningTotals } from '../../../model/running-totals.js';
import { addRow, addTotals, groupOf, isRequestRow } from './totals.js';

/** Length of each list of names: what the overview has room for. */
const MAX_NAMED = 50;

/**
 * Computes the numbers of the overview over `rows`, which ascend.
 *
 * Two passes. The first counts per user, thread, event, tag list and model, in typed arrays indexed by the interner's numbers. The
 * second sorts the rows by latency once; every percentile, overall, per model and per time bucket, is read from that order.
 */
export function statistics(
  table: RecordTable,
  rows: Uint32Array,
  maxBuckets: number,
  clock: ZoneClock,
): Statistics {
  const [users, threads] = [countsFor(table.users), countsFor(table.threads)];
  const [people, prompts] = [countsFor(table.users), countsFor(table.users)];
  const [events, tagLists] = [countsFor(table.events), countsFor(table.tagLists)];
  const models: (RunningTotals | undefined)[] = [];
  const feedback = { positive: 0, negative: 0, other: 0 };
  for (const row of rows) {
    increment(users, table.user[row]);
    increment(threads, table.thread[row]);
    increment(events, table.event[row]);
    increment(tagLists, table.tagList[row]);
    // Group 0 holds the rows without a model.
    addRow(groupOf(models, table.model[row] ?? 0, emptyTotals), table, row);
    moveParts(models, table, row);
    if (isRequestRow(table, row)) increment(people, table.user[row]);
    if (table.event[row] === 0) increment(prompts, table.user[row]);
    const code = table.feedback[row] ?? 0;
    if (code === 0) continue;
    const given = feedbackOfCode(code);
    if (given) feedback[given]++;
  }
  const byLatency = rowsByLatency(table, rows);
  const latencyOf = latenciesByModel(table, byLatency);
  return {
    ...toTotals(sum(models)),
    records: rows.length,
    users: distinct(users),
    people: distinct(people),
    threads: distinct(threads),
    latency: {
      p50: latencyAt(table, byLatency, 50),
      p95: latencyAt(table, byLatency, 95),
      p99: latencyAt(table, byLatency, 99),
    },
    feedback,
    evaluations: evaluationSummaries(table, rows),
    models: modelSummaries(models, table.models, latencyOf),
    topUsers: mostFrequent(named(prompts, table.users)),
    tags: mostFrequent(tagCounts(named(tagLists, table.tagLists))),
    eventNames: mostFrequent(named(events, table.events)),
    series: timeSeries(table, rows, byLatency, maxBuckets, clock),
  };
}

/** Moves the tokens and costs of other models in a turn to those models. */
function moveParts(models: (RunningTotals | undefined)[], table: RecordTable, row: number): void {
  const own = table.model[row] ?? 0;
  for (const part of table.modelParts(row)) {
    addPart(groupOf(models, own, emptyTotals), part, -1);
    addPart(groupOf(models, part.model, emptyTotals), part, 1);
  }
}

function addPart(totals: RunningTotals, part: RowPart, sign: 1 | -1): void {
  totals.inputTokens += sign * part.input;
  totals.outputTokens += sign * part.output;
  totals.totalTokens += sign * (part.input + part.output);
  totals.nanoDollars += sign * part.nanoDollars;
  totals.pricedCalls += sign * part.pricedCalls;
  totals.unpricedCalls += sign * part.unpricedCalls;
}

function sum(groups: readonly (RunningTotals | undefined)[]): RunningTotals {
  const all = emptyTotals();
  for (const totals of groups) if (totals) addTotals(all, totals);
  return all;
}

type LatencyOf = (model: number) => LatencySummary;

function latenciesByModel(table: RecordTable, byLatency: Uint32Array): LatencyOf {
  const [p50, p95, p99] = latencyPercentiles(table, byLatency, table.models.limit, table.model, [50, 95, 99]);
  return (model) => ({ p50: p50?.[model] ?? null, p95: p95?.[model] ?? null, p99: p99?.[model] ?? null });
}

function evaluationSummaries(table: RecordTable, rows: Uint32Array): EvaluationSummary[] {
  if (table.evaluations.limit === 1) return [];
  const counts = new Float64Array(table.evaluations.limit);
  for (const row of rows) {
    const id = table.evaluation[row] ?? 0;
    counts[id] = (counts[id] ?? 0) + 1;
  }
  const groups = groupRows(table.evaluation, table.evaluations, rows, MAX_NAMED, [counts, counts]).groups;
  const labels = new DistinctNumbers(table.label, table.labels);
  return groups
    .map(({ id, rows: own }) => {
      const scores = Array.from(own, (row) => table.score[row] ?? Number.NaN).filter(
        (score) => !Number.isNaN(score),
      );
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      return {
        name: table.evaluations.nameOf(id),
        count: own.length,
        scored: scores.length,
        meanScore: scores.length === 0 ? null : Number(mean.toFixed(6)),
        labels: mostFrequent(
          labels.in(own).map(([label, count]) => ({ name: table.labels.nameOf(label), count })),
        ),
      };
    })
    .filter(({ count }) => count > 0);
}

function modelSummaries(
  groups: readonly (RunningTotals | undefined)[],
  names: StringInterner,
  latencyOf: LatencyOf,
): ModelSummary[] {
  return groups
    .flatMap((totals, id) =>
      totals && id > 0
        ? [{ assistantId: names.nameOf(id), ...toTotals(totals), latency: latencyOf(id) }]
        : [],
    )
    .sort((a, b) => b.prompts - a.prompts || byName(a.assistantId, b.assistantId))
    .slice(0, MAX_NAMED);
}

/** Returns a counter per interned name. Counter 0 is for rows without one. */
function countsFor(names: StringInterner): Uint32Array {
  return new Uint32Array(names.limit);
}

function increment(counts: Uint32Array, id = 0): void {
  counts[id] = (counts[id] ?? 0) + 1;
}

function distinct(counts: Uint32Array): number {
  let sum = 0;
  for (let id = 1; id < counts.length; id++) if ((counts[id] ?? 0) > 0) sum++;
  return sum;
}

function named(counts: Uint32Array, names: StringInterner): NamedCount[] {
  const result: NamedCount[] = [];
  for (let id = 1; id < counts.length; id++) {
    const value = counts[id] ?? 0;
    if (value > 0) result.push({ name: names.nameOf(id), count: value });
  }
  return result;
}

function mostFrequent(all: readonly NamedCount[]): NamedCount[] {
  return [...all].sort((a, b) => b.count - a.count || byName(a.name, b.name)).slice(0, MAX_NAMED);
}

/** Compares by code unit, as databases do. */
function byName(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function tagCounts(lists: readonly NamedCount[]): NamedCount[] {
  const counts = new Map<string, number>();
  for (const list of lists)
    for (const tag of JSON.parse(list.name) as string[]) counts.set(tag, (counts.get(tag) ?? 0) + list.count);
  return [...counts].map(([name, value]) => ({ name, count: value }));
}
