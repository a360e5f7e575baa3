import { feedbackOfCode } from '../../model/feedback.js';
import type { StringInterner } from './string-interner.js';
import type { RecordTable } from './record-table.js';
import { latencyAt, latencyPercentiles } from './percentiles.js';
import { rowsByLatency } from './sorted-latencies.js';
import { addTally, count, emptyTally, groupOf, type Totals } from './totals.js';
import { timeSeries, type TimeSeries } from './time-series.js';

export interface LatencySummary {
  /** Seconds; `null` when nothing was measured. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface ModelSummary extends Totals {
  readonly assistantId: string;
  readonly latency: LatencySummary;
}

export interface Named {
  readonly name: string;
  readonly count: number;
}

export interface Statistics extends Totals {
  readonly records: number;
  readonly users: number;
  readonly threads: number;
  readonly latency: LatencySummary;
  /** By `score`, `value`, `rating` or `label` of events with feedback in their name. */
  readonly feedback: { readonly positive: number; readonly negative: number; readonly other: number };
  readonly models: readonly ModelSummary[];
  readonly topUsers: readonly Named[];
  readonly tags: readonly Named[];
  readonly eventNames: readonly Named[];
  readonly series: TimeSeries;
}

const MAX_NAMED = 50;

/** What the overview shows of some rows. */
export function statistics(table: RecordTable, rows: Uint32Array, maxBuckets: number): Statistics {
  const [users, threads] = [countsFor(table.users), countsFor(table.threads)];
  const [events, tagLists] = [countsFor(table.events), countsFor(table.tagLists)];
  const models: (Totals | undefined)[] = [];
  const feedback = { positive: 0, negative: 0, other: 0 };
  for (const row of rows) {
    increment(users, table.user[row]);
    increment(threads, table.thread[row]);
    increment(events, table.event[row]);
    increment(tagLists, table.tagList[row]);
    // What has no model is counted at 0.
    count(groupOf(models, table.model[row] ?? 0, emptyTally), table, row);
    const code = table.feedback[row] ?? 0;
    if (code === 0) continue;
    const given = feedbackOfCode(code);
    if (given) feedback[given]++;
  }
  const byLatency = rowsByLatency(table, rows);
  const ofModels = latenciesOfModels(table, byLatency);
  return {
    ...sum(models),
    records: rows.length,
    users: distinct(users),
    threads: distinct(threads),
    latency: {
      p50: latencyAt(table, byLatency, 0.5),
      p95: latencyAt(table, byLatency, 0.95),
      p99: latencyAt(table, byLatency, 0.99),
    },
    feedback,
    models: modelSummaries(models, table.models, ofModels),
    topUsers: mostFrequent(named(users, table.users)),
    tags: mostFrequent(tagCounts(named(tagLists, table.tagLists))),
    eventNames: mostFrequent(named(events, table.events)),
    series: timeSeries(table, rows, byLatency, maxBuckets),
  };
}

function sum(tallies: readonly (Totals | undefined)[]): Totals {
  const all = emptyTally();
  for (const tally of tallies) if (tally) addTally(all, tally);
  return all;
}

type LatencyOf = (model: number) => LatencySummary;

function latenciesOfModels(table: RecordTable, byLatency: Uint32Array): LatencyOf {
  const [p50, p95, p99] = latencyPercentiles(
    table,
    byLatency,
    table.models.limit,
    table.model,
    [0.5, 0.95, 0.99],
  );
  return (model) => ({ p50: p50?.[model] ?? null, p95: p95?.[model] ?? null, p99: p99?.[model] ?? null });
}

function modelSummaries(
  tallies: readonly (Totals | undefined)[],
  names: StringInterner,
  latencyOf: LatencyOf,
): ModelSummary[] {
  return tallies
    .flatMap((tally, id) =>
      tally && id > 0 ? [{ assistantId: names.nameOf(id), ...tally, latency: latencyOf(id) }] : [],
    )
    .sort((a, b) => b.prompts - a.prompts)
    .slice(0, MAX_NAMED);
}

/** By the number of a name; what has none is counted at 0. */
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

function named(counts: Uint32Array, names: StringInterner): Named[] {
  const result: Named[] = [];
  for (let id = 1; id < counts.length; id++) {
    const value = counts[id] ?? 0;
    if (value > 0) result.push({ name: names.nameOf(id), count: value });
  }
  return result;
}

function mostFrequent(all: readonly Named[]): Named[] {
  return [...all].sort((a, b) => b.count - a.count).slice(0, MAX_NAMED);
}

function tagCounts(lists: readonly Named[]): Named[] {
  const counts = new Map<string, number>();
  for (const list of lists)
    for (const tag of JSON.parse(list.name) as string[]) counts.set(tag, (counts.get(tag) ?? 0) + list.count);
  return [...counts].map(([name, value]) => ({ name, count: value }));
}
