import type { StoreEntry } from '../store/record-store.js';
import { modelOf, type StoredRecord } from '../stored-record.js';
import { count, emptyTally, groupOf, percentile, type Tally } from './tally.js';
import { timeSeries, type TimeSeries } from './time-series.js';

export interface LatencySummary {
  /** Seconds; `null` when nothing was measured. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface ModelSummary extends Tally {
  readonly assistantId: string;
  readonly latency: LatencySummary;
}

export interface Named {
  readonly name: string;
  readonly count: number;
}

export interface Statistics extends Tally {
  readonly records: number;
  readonly users: number;
  readonly threads: number;
  readonly latency: LatencySummary;
  /** By `score` or `value` of events with feedback in their name. */
  readonly feedback: { readonly positive: number; readonly negative: number; readonly other: number };
  readonly models: readonly ModelSummary[];
  readonly topUsers: readonly Named[];
  readonly tags: readonly Named[];
  readonly eventNames: readonly Named[];
  readonly series: TimeSeries;
}

interface ModelGroup {
  readonly tally: Tally;
  readonly latencies: number[];
}

const MAX_NAMED = 50;

/** What the overview shows of the records that a query matches. */
export function statistics(entries: Iterable<StoreEntry>, maxBuckets: number): Statistics {
  const tally = emptyTally();
  const [users, tags, events] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const threads = new Set<string>();
  const models = new Map<string, ModelGroup>();
  const feedback = { positive: 0, negative: 0, other: 0 };
  const kept: StoreEntry[] = [];
  for (const entry of entries) {
    const { record } = entry;
    kept.push(entry);
    count(tally, entry);
    increment(users, record.userId);
    if (record.threadId !== undefined) threads.add(record.threadId);
    for (const tag of record.tags) increment(tags, tag);
    if (record.kind === 'event') {
      increment(events, record.event);
      if (/feedback/i.test(record.event)) feedback[feedbackOf(record)]++;
    }
    const name = modelOf(record) ?? (record.kind === 'prompt' ? 'unknown' : undefined);
    if (name === undefined) continue;
    const model = groupOf(models, name, newModel);
    count(model.tally, entry);
    if (record.kind === 'prompt' && record.latency !== undefined) model.latencies.push(record.latency);
  }
  return {
    ...tally,
    records: kept.length,
    users: users.size,
    threads: threads.size,
    latency: summarise([...models.values()].flatMap((model) => model.latencies)),
    feedback,
    models: modelSummaries(models),
    topUsers: mostFrequent(users),
    tags: mostFrequent(tags),
    eventNames: mostFrequent(events),
    series: timeSeries(kept, maxBuckets),
  };
}

function newModel(): ModelGroup {
  return { tally: emptyTally(), latencies: [] };
}

function modelSummaries(models: ReadonlyMap<string, ModelGroup>): ModelSummary[] {
  return [...models]
    .map(([assistantId, group]) => modelSummary(assistantId, group))
    .sort((a, b) => b.prompts - a.prompts)
    .slice(0, MAX_NAMED);
}

function modelSummary(assistantId: string, { tally, latencies }: ModelGroup): ModelSummary {
  return { assistantId, ...tally, latency: summarise(latencies) };
}

function summarise(latencies: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(latencies).sort();
  return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), p99: percentile(sorted, 0.99) };
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function mostFrequent(counts: ReadonlyMap<string, number>): Named[] {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_NAMED)
    .map(([name, count]) => ({ name, count }));
}

const POSITIVE = /^(👍|🙂|😀|up|good|positive|like|yes|true|thumbs[_ -]?up)$/iu;
const NEGATIVE = /^(👎|😞|🙁|down|bad|negative|dislike|no|false|thumbs[_ -]?down)$/iu;

function feedbackOf(record: StoredRecord): 'positive' | 'negative' | 'other' {
  const { score, value, rating } = record.properties;
  const given = score ?? value ?? rating;
  if (typeof given === 'number') return given > 0 ? 'positive' : 'negative';
  const text = typeof given === 'string' || typeof given === 'boolean' ? String(given) : '';
  if (POSITIVE.test(text)) return 'positive';
  return NEGATIVE.test(text) ? 'negative' : 'other';
}
