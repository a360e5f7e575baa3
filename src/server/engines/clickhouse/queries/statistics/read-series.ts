import type { TimeSeries } from '../../../../model/statistics.js';
import { timeBuckets, type TimeBuckets } from '../../../../model/time-buckets.js';
import type { ZoneClock } from '../../../../model/time-zone.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import {
  AT_MS,
  LATENCIES,
  toLatencySummary,
  TOTALS,
  toTotals,
  type LatencyRow,
  type TotalsRow,
} from '../totals.js';
import type { WhereClause } from '../where-clause.js';
import type { SumsRow } from './read-sums.js';

/** Counts per time bucket. `sums` tell where the first and the last one are. */
export async function readSeries(
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
