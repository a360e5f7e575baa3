import type { StoreEntry } from '../store/record-store.js';
import { percentile } from './tally.js';

export interface TimeSeries {
  readonly stepMs: number;
  /** Without gaps, in order of time; all lists below have this length. Milliseconds. */
  readonly at: readonly number[];
  readonly prompts: readonly number[];
  readonly errors: readonly number[];
  /** Seconds; `null` where nothing was measured. */
  readonly latencyP50: readonly (number | null)[];
  readonly latencyP95: readonly (number | null)[];
  readonly inputTokens: readonly number[];
  readonly outputTokens: readonly number[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps that people read easily. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

/** Counts by time, in at most `maxBuckets` steps of a round length. */
export function timeSeries(entries: readonly StoreEntry[], maxBuckets: number): TimeSeries {
  let [first, last] = [Infinity, -Infinity];
  for (const { at } of entries) {
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  const stepMs = chooseStep(last - first, maxBuckets);
  const start = Math.floor(first / stepMs) * stepMs;
  const length = entries.length === 0 ? 0 : Math.min(maxBuckets, Math.floor((last - start) / stepMs) + 1);
  const zeros = (): number[] => Array.from<number>({ length }).fill(0);
  const [prompts, errors, inputTokens, outputTokens] = [zeros(), zeros(), zeros(), zeros()];
  const latencies: number[][] = Array.from({ length }, () => []);
  for (const entry of entries) {
    const { record, at } = entry;
    const bucket = Math.min(length - 1, Math.floor((at - start) / stepMs));
    if (entry.isError) add(errors, bucket, 1);
    add(inputTokens, bucket, entry.inputTokens);
    add(outputTokens, bucket, entry.outputTokens);
    if (record.kind !== 'prompt') continue;
    add(prompts, bucket, 1);
    if (record.latency !== undefined) latencies[bucket]?.push(record.latency);
  }
  for (const list of latencies) list.sort((a, b) => a - b);
  return {
    stepMs,
    at: prompts.map((_, bucket) => start + bucket * stepMs),
    prompts,
    errors,
    latencyP50: latencies.map((list) => percentile(list, 0.5)),
    latencyP95: latencies.map((list) => percentile(list, 0.95)),
    inputTokens,
    outputTokens,
  };
}

function add(counts: number[], bucket: number, amount: number): void {
  counts[bucket] = (counts[bucket] ?? 0) + amount;
}

function chooseStep(spanMs: number, maxBuckets: number): number {
  // One less, because the first bucket starts before the first record.
  const atLeast = Math.max(0, spanMs) / Math.max(1, maxBuckets - 1);
  return STEPS.find((step) => step >= atLeast) ?? Math.ceil(atLeast / DAY) * DAY;
}
