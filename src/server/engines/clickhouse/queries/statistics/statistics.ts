import type { Statistics } from '../../../../model/statistics.js';
import type { ZoneClock } from '../../../../model/time-zone.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import type { Covered } from '../covered-time.js';
import { toLatencySummary, toTotals } from '../totals.js';
import { whereClause } from '../where-clause.js';
import { readNames, readTags } from './read-names.js';
import { readSeries } from './read-series.js';
import { readSums } from './read-sums.js';

/**
 * Reads the numbers of the overview. `FINAL` merges the records anew for each statement, which is most of its time over months: sums that can share
 * a pass do (`scripts/measure-clickhouse.mjs`).
 */
export async function readStatistics(
  client: ClickHouseClient,
  project: string,
  { query, since }: Covered,
  maxBuckets: number,
  clock: ZoneClock,
): Promise<Statistics> {
  const where = whereClause(project, query, Date.now());
  const [{ sums, models }, names, tags] = await Promise.all([
    readSums(client, where),
    readNames(client, where),
    readTags(client, where),
  ]);
  return {
    ...toTotals(sums),
    records: Number(sums.records),
    threads: Number(sums.threads),
    latency: toLatencySummary(sums),
    feedback: {
      positive: Number(sums.positive),
      negative: Number(sums.negative),
      other: Number(sums.other),
    },
    models,
    tags,
    ...names,
    series: await readSeries(client, where, sums, maxBuckets, clock),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
  };
}
