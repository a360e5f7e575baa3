import { compareGroups, type Measured, type RankedGroup } from '../../../model/measure/measure-answer.js';
import type { GroupPlaces } from './group-places.js';

/** Returns the numbers of the first `limit` groups. */
export function rankGroups(
  { ids, nameOf }: GroupPlaces,
  values: readonly Measured[],
  limit: number,
): number[] {
  const groupOf = (id: number): RankedGroup => ({ name: nameOf(id), value: values[id]?.value ?? null });
  const compare = (a: number, b: number): number => compareGroups(groupOf(a), groupOf(b));
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
