import type { RecordTable } from './record-table.js';

/** The latency, in seconds, below which `share` (0 to 1) of the rows are, which come sorted; `null` of none. */
export function latencyAt({ latency }: RecordTable, byLatency: Uint32Array, share: number): number | null {
  return latency[byLatency[placeOf(byLatency.length, share)] ?? -1] ?? null;
}

/**
 * The same for each group of rows, without a list for each group: the rows come sorted, so it is enough to count how many of a group
 * have passed. `groupOf` has a group's number at each row. One list per share, one value per group.
 */
export function latencyPercentiles(
  { latency }: RecordTable,
  byLatency: Uint32Array,
  groupCount: number,
  groupOf: Uint32Array,
  shares: readonly number[],
): (number | null)[][] {
  const sizes = new Uint32Array(groupCount);
  for (const row of byLatency) {
    const group = groupOf[row] ?? 0;
    sizes[group] = (sizes[group] ?? 0) + 1;
  }
  const grouped = groupRows(byLatency, sizes, groupOf);
  return shares.map((share) => {
    let start = 0;
    return Array.from(sizes, (size) => {
      const row = size === 0 ? undefined : grouped[start + placeOf(size, share)];
      start += size;
      return row === undefined ? null : (latency[row] ?? null);
    });
  });
}

/** The rows of the first group, then those of the second, each in the order in which they came. */
function groupRows(rows: Uint32Array, sizes: Uint32Array, groupOf: Uint32Array): Uint32Array {
  const places = new Uint32Array(sizes.length);
  for (let group = 1; group < sizes.length; group++)
    places[group] = (places[group - 1] ?? 0) + (sizes[group - 1] ?? 0);
  const grouped = new Uint32Array(rows.length);
  for (const row of rows) {
    const group = groupOf[row] ?? 0;
    const place = places[group] ?? 0;
    grouped[place] = row;
    places[group] = place + 1;
  }
  return grouped;
}

function placeOf(size: number, share: number): number {
  return Math.min(size - 1, Math.floor(size * share));
}
