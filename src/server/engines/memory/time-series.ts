import type { TimeSeries } from '../../model/statistics.js';
import type { RecordTable } from './record-table.js';
import { latencyPercentiles } from './percentiles.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths of a bucket in milliseconds, ascending: round lengths of time. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

/**
 * Counts `rows` per time bucket, in at most `maxBuckets` buckets of a round width.
 *
 * @param byLatency the rows with a latency, fastest first, as `rowsByLatency()` returns them
 */
export function timeSeries(
  table: RecordTable,
  rows: Uint32Array,
  byLatency: Uint32Array,
  maxBuckets: number,
): TimeSeries {
  const { at } = table;
  let [first, last] = [Infinity, -Infinity];
  for (const row of rows) {
    first = Math.min(first, at[row] ?? 0);
    last = Math.max(last, at[row] ?? 0);
  }
  const stepMs = chooseStep(last - first, maxBuckets);
  const start = Math.floor(first / stepMs) * stepMs;
  const length = rows.length === 0 ? 0 : Math.min(maxBuckets, Math.floor((last - start) / stepMs) + 1);
  const column = (): Float64Array => new Float64Array(length);
  const [prompts, errors, inputTokens, outputTokens] = [column(), column(), column(), column()];
  const bucketOf = new Uint32Array((rows.at(-1) ?? 0) + 1);
  for (const row of rows) {
    const bucket = Math.min(length - 1, Math.floor(((at[row] ?? 0) - start) / stepMs));
    bucketOf[row] = bucket;
    if (table.event[row] === 0) add(prompts, bucket, 1);
    add(errors, bucket, table.isError[row]);
    add(inputTokens, bucket, table.inputTokens[row]);
    add(outputTokens, bucket, table.outputTokens[row]);
  }
  const [latencyP50, latencyP95] = latencyPercentiles(table, byLatency, length, bucketOf, [0.5, 0.95]);
  return {
    stepMs,
    at: Array.from(prompts, (_, bucket) => start + bucket * stepMs),
    prompts: [...prompts],
    errors: [...errors],
    latencyP50: latencyP50 ?? [],
    latencyP95: latencyP95 ?? [],
    inputTokens: [...inputTokens],
    outputTokens: [...outputTokens],
  };
}

function add(sums: Float64Array, bucket: number, amount = 0): void {
  sums[bucket] = (sums[bucket] ?? 0) + amount;
}

function chooseStep(spanMs: number, maxBuckets: number): number {
  // One bucket less, because the first bucket starts before the first record.
  const atLeast = Math.max(0, spanMs) / Math.max(1, maxBuckets - 1);
  return STEPS.find((step) => step >= atLeast) ?? Math.ceil(atLeast / DAY) * DAY;
}
