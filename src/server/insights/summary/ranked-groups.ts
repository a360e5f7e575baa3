import type { MeasureAnswer, MeasuredGroup } from '../../model/measure/measure-answer.js';
import type { MeasureName } from '../../query/measure-request.js';
import { measuredPair, valueOf } from './measured.js';
import type { NamedChange } from './summary.js';

/** Returns the groups with the largest value of a measure now, then before, each with its change. Equal ones by name, the one without a name last. */
export function largestGroups(
  measures: readonly MeasureName[],
  current: MeasureAnswer,
  before: MeasureAnswer,
  by: MeasureName,
  limit: number,
): readonly NamedChange[] {
  const [now, then] = [byName(current), byName(before)];
  const names = [...new Set([...now.keys(), ...then.keys()])];
  const changes = names.map((name): NamedChange => ({
    name,
    change: measuredPair(measures, now.get(name), then.get(name)).change(by),
  }));
  return changes.toSorted(byValue).slice(0, limit);
}

function byName({ groups }: MeasureAnswer): ReadonlyMap<string | null, MeasuredGroup> {
  return new Map(groups.map((group) => [group.name, group]));
}

/** Returns the groups that have a request, most requests first. */
export function requestedGroups(
  measures: readonly MeasureName[],
  { groups }: MeasureAnswer,
): readonly MeasuredGroup[] {
  const requests = (group: MeasuredGroup): number => valueOf(measures, group, 'requests').value ?? 0;
  return groups.filter((group) => requests(group) > 0).toSorted((a, b) => requests(b) - requests(a));
}

function byValue(a: NamedChange, b: NamedChange): number {
  const [first, second] = [a.change.value ?? -1, b.change.value ?? -1];
  if (first !== second) return second - first;
  const [firstBefore, secondBefore] = [a.change.before ?? -1, b.change.before ?? -1];
  if (firstBefore !== secondBefore) return secondBefore - firstBefore;
  if (a.name === null || b.name === null) return a.name === null ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}
