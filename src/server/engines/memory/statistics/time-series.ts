import { fromNanoDollars } from '../../../model/cost.js';
import type { TimeSeries } from '../../../model/statistics.js';
import { bucketAt, timeBuckets, type TimeBuckets } from '../../../model/time-buckets.js';
import type { ZoneClock } from '../../../model/time-zone.js';
import type { RecordTable } from '../table/record-table.js';
import { latencyPercentiles } from './percentiles.js';
import { isRequestRow } from './totals.js';

/**
 * Counts `rows` per time bucket, in at most `maxBuckets` buckets of a round width. Rows whose time is not plausible are in none, so that
 * one of 1970 does not make all others one bar; unless no time is plausible.
 *
 * @param byLatency the rows with a latency, fastest first, as `rowsByLatency()` returns them
 */
export function timeSeries(
  table: RecordTable,
  rows: Uint32Array,
  byLatency: Uint32Array,
  maxBuckets: number,
  clock: ZoneClock,
): TimeSeries {
  const buckets = bucketsFor(table, rows, maxBuckets, clock);
  const { length } = buckets.at;
  const column = (): Float64Array => new Float64Array(length);
  const [prompts, requests, errors] = [column(), column(), column()];
  const [inputTokens, outputTokens, totalTokens] = [column(), column(), column()];
  const [nanoDollars, pricedCalls, unpricedCalls] = [column(), column(), column()];
  const places = bucketPlaces(table, rows, buckets);
  let outside = 0;
  for (const row of rows) {
    const place = places[row] ?? length;
    if (place === length) outside++;
    if (place === length) continue;
    if (table.event[row] === 0) add(prompts, place, 1);
    if (isRequestRow(table, row)) add(requests, place, 1);
    add(errors, place, table.isError[row]);
    add(inputTokens, place, table.inputTokens[row]);
    add(outputTokens, place, table.outputTokens[row]);
    add(totalTokens, place, table.totalTokens[row]);
    add(nanoDollars, place, table.nanoDollars[row]);
    add(pricedCalls, place, table.pricedCalls[row]);
    add(unpricedCalls, place, table.unpricedCalls[row]);
  }
  // The group after the last bucket holds the rows outside.
  const [p50 = [], p95 = []] = latencyPercentiles(table, byLatency, length + 1, places, [50, 95]);
  return {
    ...buckets,
    timeZone: clock.timeZone,
    outside,
    prompts: [...prompts],
    requests: [...requests],
    errors: [...errors],
    latencyP50: p50.slice(0, length),
    latencyP95: p95.slice(0, length),
    inputTokens: [...inputTokens],
    outputTokens: [...outputTokens],
    totalTokens: [...totalTokens],
    cost: Array.from(nanoDollars, fromNanoDollars),
    pricedCalls: [...pricedCalls],
    unpricedCalls: [...unpricedCalls],
  };
}

function bucketsFor(
  { at, seen }: RecordTable,
  rows: Uint32Array,
  maxBuckets: number,
  clock: ZoneClock,
): TimeBuckets {
  let [first, last] = [Infinity, -Infinity];
  let [firstOfAll, lastOfAll] = [Infinity, -Infinity];
  for (const row of rows) {
    const time = at[row] ?? 0;
    firstOfAll = Math.min(firstOfAll, time);
    lastOfAll = Math.max(lastOfAll, time);
    if (seen[row] !== time) continue;
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  if (rows.length === 0) return { stepMs: 0, at: [], end: 0 };
  return first <= last
    ? timeBuckets(first, last, maxBuckets, clock)
    : timeBuckets(firstOfAll, lastOfAll, maxBuckets, clock);
}

/** Returns the number of the bucket of each row; for a row outside of all, the number after the last. */
function bucketPlaces({ at }: RecordTable, rows: Uint32Array, buckets: TimeBuckets): Uint32Array {
  const places = new Uint32Array((rows.at(-1) ?? 0) + 1);
  for (const row of rows) places[row] = bucketAt(buckets, at[row] ?? 0);
  return places;
}

function add(sums: Float64Array, place: number, amount = 0): void {
  sums[place] = (sums[place] ?? 0) + amount;
}
