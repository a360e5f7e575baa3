import type { RecordTable } from '../table/record-table.js';

/** Returns a percentile of the latency in seconds; `null` without rows. `byLatency` must be sorted. */
export function latencyAt({ latency }: RecordTable, byLatency: Uint32Array, percent: number): number | null {
  return latency[byLatency[placeOf(byLatency.length, percent)] ?? -1] ?? null;
}

/**
 * Computes percentiles for each group of rows. One counting sort by group keeps the order by latency within each group, so that no
 * group has to be sorted by itself.
 *
 * @param byLatency rows, fastest first
 * @param groupOf the number of the group at each row
 * @returns one list per percentage, with one value per group; `null` for an empty group
 */
export function latencyPercentiles(
  { latency }: RecordTable,
  byLatency: Uint32Array,
  groupCount: number,
  groupOf: Uint32Array,
  percents: readonly number[],
): (number | null)[][] {
  const sizes = new Uint32Array(groupCount);
  for (const row of byLatency) {
    const group = groupOf[row] ?? 0;
    sizes[group] = (sizes[group] ?? 0) + 1;
  }
  const grouped = groupRows(byLatency, sizes, groupOf);
  return percents.map((percent) => {
    let start = 0;
    return Array.from(sizes, (size) => {
      const row = size === 0 ? undefined : grouped[start + placeOf(size, percent)];
      start += size;
      return row === undefined ? null : (latency[row] ?? null);
    });
  });
}

/** Returns the rows of group 0, then of group 1, and so on. Stable. */
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

/** Returns the index of a percentile in a sorted list: the nearest rank. Whole percents, because 0.07 * 100 is above 7. */
function placeOf(size: number, percent: number): number {
  return Math.ceil((percent * size) / 100) - 1;
}
