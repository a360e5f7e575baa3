import { fromNanoDollars } from '../../../model/cost.js';
import { MAX_LATENCY } from '../../../model/measures.js';
import { FIRST_PLAUSIBLE_TIME, MAX_AHEAD_MS } from '../../../model/record-time.js';
import type { LatencySummary, Totals } from '../../../model/statistics.js';

/** The sums of a group of records, as a select list. */
export const TOTALS = `countIf(kind = 'prompt') AS prompts, countIf(kind = 'event') AS events,
  countIf(kind = 'prompt' OR is_error = 1) AS requests, sum(is_error) AS errors,
  sum(input_tokens) AS inputTokens, sum(output_tokens) AS outputTokens, sum(total_tokens) AS totalTokens,
  sum(nano_dollars) AS nanoDollars, sum(priced_calls) AS pricedCalls, sum(unpriced_calls) AS unpricedCalls`;

/** Time of a record in milliseconds. */
export const AT_MS = 'toUnixTimestamp64Milli(records.at)';
const RECEIVED_MS = 'toUnixTimestamp64Milli(records.received)';
/** True if a record can have happened at its time, as `isTimePlausible()` says. */
export const IS_PLAUSIBLE = `(${AT_MS} >= ${FIRST_PLAUSIBLE_TIME} AND ${AT_MS} <= ${RECEIVED_MS} + ${MAX_AHEAD_MS})`;
/** Time at which a record was seen: its own if that is plausible, else that of its arrival. */
export const SEEN_MS = `if(${IS_PLAUSIBLE}, ${AT_MS}, ${RECEIVED_MS})`;

/** Percentiles of the latency. `quantileExactWeighted` returns the value at index ceil(p * n); other quantiles interpolate or round down. */
export const LATENCIES = `quantilesExactWeightedIf(0.5, 0.95, 0.99)(assumeNotNull(latency), 1,
    latency IS NOT NULL AND latency >= 0 AND latency <= ${MAX_LATENCY}) AS latencies,
  countIf(latency IS NOT NULL AND latency >= 0 AND latency <= ${MAX_LATENCY}) AS measured`;

/** Sums as they arrive: 64-bit numbers as text. */
export type TotalsRow = { readonly [Name in Exclude<keyof Totals, 'cost'> | 'nanoDollars']: string | number };

export interface LatencyRow {
  readonly latencies: readonly number[];
  readonly measured: string;
}

export function toTotals(row: TotalsRow): Totals {
  return {
    prompts: Number(row.prompts),
    events: Number(row.events),
    requests: Number(row.requests),
    errors: Number(row.errors),
    inputTokens: Number(row.inputTokens),
    outputTokens: Number(row.outputTokens),
    totalTokens: Number(row.totalTokens),
    cost: fromNanoDollars(Number(row.nanoDollars)),
    pricedCalls: Number(row.pricedCalls),
    unpricedCalls: Number(row.unpricedCalls),
  };
}

export function toLatencySummary({ latencies, measured }: LatencyRow): LatencySummary {
  const [p50 = null, p95 = null, p99 = null] = measured === '0' ? [] : latencies;
  return { p50, p95, p99 };
}

/** Returns the values by group, in the order of the rows. */
export function groupValues<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  valueOf: (row: Row) => string,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    const values = groups.get(keyOf(row)) ?? [];
    if (values.length === 0) groups.set(keyOf(row), values);
    values.push(valueOf(row));
  }
  return groups;
}

/** Times of a group arrive as milliseconds in a text. */
export function isoTime(ms: string): string {
  return new Date(Number(ms)).toISOString();
}
