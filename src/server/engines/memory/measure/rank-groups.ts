import type { Measured } from '../../../model/measure/measure-answer.js';
import type { GroupPlaces } from './group-places.js';

/** Returns the numbers of the first `limit` groups: the largest values first, nulls last; equal ones by name, the group without one last. */
export function rankGroups(
  { ids, nameOf }: GroupPlaces,
  values: readonly Measured[],
  limit: number,
): number[] {
  const compare = (a: number, b: number): number =>
    compareValues(values[b]?.value ?? -Infinity, values[a]?.value ?? -Infinity) ||
    compareNames(nameOf(a), nameOf(b));
  const first: number[] = [];
  for (const id of ids) {
    const last = first.at(-1);
    if (first.length >= limit && (last === undefined || compare(id, last) > 0)) continue;
    first.splice(placeOf(id, first, compare), 0, id);
    if (first.length > limit) first.pop();
  }
  return first;
}

/** Returns the place at which a number keeps the list in order, by bisection. */
function placeOf(id: number, sorted: readonly number[], compare: (a: number, b: number) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle] ?? 0, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareValues(a: number, b: number): number {
  // Not by subtraction: infinities have no difference.
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Compares by code unit, as databases do. */
function compareNames(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
