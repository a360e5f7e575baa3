import type { StringInterner } from '../table/string-interner.js';

/** Groups of rows with the same interned name. */
export interface RowGroups {
  /** Number of groups, beyond the limit as well. */
  readonly total: number;
  /** The first groups in order. The rows of each ascend. */
  readonly groups: readonly RowGroup[];
}

export interface RowGroup {
  readonly id: number;
  readonly rows: Uint32Array;
}

/**
 * Groups rows by a column of interned names, and returns the first `limit` groups by their keys; those with equal keys by the second
 * ones, then by name (code units, as databases compare). Rows without a name, whose number is 0, belong to no group.
 *
 * Two passes, so that sums are computed only for the groups that are shown.
 */
export function groupRows(
  column: Uint32Array,
  names: StringInterner,
  rows: Uint32Array,
  limit: number,
  keys: readonly [Float64Array, Float64Array],
): RowGroups {
  const sizes = new Uint32Array(names.limit);
  for (const row of rows) {
    const id = column[row] ?? 0;
    sizes[id] = (sizes[id] ?? 0) + 1;
  }
  const ids: number[] = [];
  for (let id = 1; id < sizes.length; id++) if (sizes[id] !== 0) ids.push(id);
  const shown = firstIds(ids, names, limit, keys);
  return { total: ids.length, groups: collect(column, rows, sizes, shown) };
}

/** Returns the latest time of each group; -Infinity for a group without rows. */
export function latestOf(
  column: Uint32Array,
  times: Float64Array,
  rows: Uint32Array,
  limit: number,
): Float64Array {
  const latest = new Float64Array(limit).fill(-Infinity);
  for (const row of rows) {
    const id = column[row] ?? 0;
    const time = times[row] ?? 0;
    if (time > (latest[id] ?? Infinity)) latest[id] = time;
  }
  return latest;
}

function firstIds(
  ids: readonly number[],
  names: StringInterner,
  limit: number,
  [first, second]: readonly [Float64Array, Float64Array],
): number[] {
  const least = leastShown(ids, first, limit);
  const compare = (a: number, b: number): number =>
    (first[b] ?? 0) - (first[a] ?? 0) ||
    (second[b] ?? 0) - (second[a] ?? 0) ||
    (names.nameOf(a) < names.nameOf(b) ? -1 : 1);
  return ids
    .filter((id) => (first[id] ?? 0) >= least)
    .sort(compare)
    .slice(0, limit);
}

/** Returns the key of the last group that can be shown. Sorting numbers alone is ten times as fast as with a comparator. */
function leastShown(ids: readonly number[], keys: Float64Array, limit: number): number {
  if (ids.length <= limit) return -Infinity;
  const sorted = new Float64Array(ids.length);
  for (let i = 0; i < sorted.length; i++) sorted[i] = keys[ids[i] ?? 0] ?? 0;
  sorted.sort();
  return limit === 0 ? Infinity : (sorted[sorted.length - limit] ?? -Infinity);
}

/** Collects the rows of the shown groups by a counting sort. */
function collect(
  column: Uint32Array,
  rows: Uint32Array,
  sizes: Uint32Array,
  shown: readonly number[],
): RowGroup[] {
  // Place of the next row of a group, plus 1; 0 for a group that is not shown.
  const next = new Uint32Array(sizes.length);
  let end = 0;
  for (const id of shown) {
    next[id] = end + 1;
    end += sizes[id] ?? 0;
  }
  const collected = new Uint32Array(end);
  for (const row of rows) {
    const id = column[row] ?? 0;
    const place = next[id] ?? 0;
    if (place === 0) continue;
    collected[place - 1] = row;
    next[id] = place + 1;
  }
  let start = 0;
  return shown.map((id) => {
    const size = sizes[id] ?? 0;
    start += size;
    return { id, rows: collected.subarray(start - size, start) };
  });
}

/** Finds the different numbers in a column, group by group, without a set for each. */
export class DistinctNumbers {
  readonly #column: Uint32Array;
  readonly #counts: Uint32Array;

  constructor(column: Uint32Array, names: StringInterner) {
    this.#column = column;
    this.#counts = new Uint32Array(names.limit);
  }

  /** Returns the numbers above 0 at the rows that pass, with how often they occur, in order of their first row. */
  in(rows: Uint32Array, passes?: (row: number) => boolean): [id: number, count: number][] {
    const found: number[] = [];
    for (const row of rows) {
      const id = this.#column[row] ?? 0;
      if (id === 0 || (passes && !passes(row))) continue;
      if (this.#counts[id] === 0) found.push(id);
      this.#counts[id] = (this.#counts[id] ?? 0) + 1;
    }
    return found.map((id) => {
      const count = this.#counts[id] ?? 0;
      this.#counts[id] = 0;
      return [id, count];
    });
  }
}
