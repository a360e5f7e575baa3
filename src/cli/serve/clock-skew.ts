import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../server/engines/clickhouse/client/clickhouse-client.js';
import type { StartWarning } from './start-warnings.js';

/** Difference from which answers by arrival and the repair of repeats become questionable. Clocks that are kept in step differ by milliseconds. */
const MAX_SKEW_MS = 5_000;

/** Compares the clock of this machine with that of ClickHouse. Returns undefined if they agree, or ClickHouse does not answer. */
export async function clockSkewWarning(url: string): Promise<StartWarning | undefined> {
  try {
    const sentAt = Date.now();
    const [row] = await new ClickHouseClient(parseClickHouseUrl(url)).query<{ readonly now: string }>(
      'SELECT toString(toUnixTimestamp64Milli(now64(3))) AS now',
    );
    return row && skewWarning(Number(row.now), sentAt, Date.now());
  } catch {
    return undefined;
  }
}

/** `theirs` was read between `sentAt` and `answeredAt`. All are milliseconds since 1970. */
export function skewWarning(theirs: number, sentAt: number, answeredAt: number): StartWarning | undefined {
  const skewMs = theirs < sentAt ? theirs - sentAt : Math.max(0, theirs - answeredAt);
  if (Math.abs(skewMs) < MAX_SKEW_MS) return undefined;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return {
    problem: `The clock of this machine is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} that of ClickHouse`,
    next: 'set the clocks by NTP: the later of two versions of a record is found by the clocks of the servers',
  };
}
