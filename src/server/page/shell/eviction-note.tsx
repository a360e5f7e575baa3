import type { StoreUsage } from '../../engines/record-store.js';
import { formatCount, formatFullTime, formatInteger } from '../data/format.js';

/** Says that older records were evicted, so that nobody looks for them, and which limit was reached. */
export function EvictionNote({ usage }: { readonly usage: StoreUsage | undefined }) {
  if (!usage || usage.evicted === 0) return null;
  const { evicted, evictedSince, records, maxRecords = Infinity, maxBytes = Infinity } = usage;
  const limit =
    records >= maxRecords
      ? `at most ${formatInteger(maxRecords)} are kept (--max-records)`
      : `they may take ${Math.round(maxBytes / 1024 / 1024)} MB of memory`;
  return (
    <section class="note" aria-label="Evicted records">
      {formatCount(evicted, 'older record was', 'older records were')} evicted
      {evictedSince !== undefined && ` since ${formatFullTime(evictedSince)}`}: {limit}.
    </section>
  );
}
