import type { MeasureAnswer, MeasuredValues } from '../../model/measure/measure-answer.js';
import type { Measure } from '../../query/measure-request.js';
import { changeOf, type Change, type ComparedValue } from './change.js';
import { isAmount } from './measure-kinds.js';
import { contributionsOf, type ComparedGroup, type Contribution } from './contributions.js';

/** Lists have one entry per measure. */
export interface GroupComparison {
  /** Null for the records without a value of the dimension. */
  readonly name: string | null;
  readonly changes: readonly Change[];
  /** Null for measures of which no parts add up. */
  readonly contributions: readonly (Contribution | null)[];
}

export interface Comparison {
  readonly changes: readonly Change[];
  /** Groups that moved the first measure most. */
  readonly groups: readonly GroupComparison[];
  /** Contribution of all groups that are not listed; null if there are none. */
  readonly other: {
    readonly groups: number;
    readonly contributions: readonly (Contribution | null)[];
  } | null;
}

/** A group of one of the answers that is not listed there belongs to its `other`, which takes part as one group. */
const REST = Symbol('other');
type GroupKey = string | null | typeof REST;

/**
 * Compares two answers to the same request, for which as many groups as possible should be listed.
 *
 * @param limit groups of the result
 * @param addsUp false if a record can be in several groups: then no contributions add up
 */
export function compareAnswers(
  measures: readonly Measure[],
  current: MeasureAnswer,
  before: MeasureAnswer,
  limit: number,
  addsUp = true,
): Comparison {
  const [now, then] = [byKey(current), byKey(before)];
  const keys = [...new Set([...now.keys(), ...then.keys()])];
  const contributions = measures.map((measure, place) =>
    addsUp
      ? contributionsOf(
          measure,
          keys.map((key) => groupAt(key, place, measure, now, then)),
        )
      : undefined,
  );
  const groups = keys.map((key, index): ComparedEntry => ({
    key,
    changes: measures.map((measure, place) => {
      const group = groupAt(key, place, measure, now, then);
      return changeOf(measure, group.current, group.before);
    }),
    contributions: contributions.map((list) => list?.[index] ?? null),
  }));
  const listed = groups
    .filter(({ key }) => key !== REST)
    .toSorted(byMovement)
    .slice(0, limit);
  const rest = groups.filter((group) => !listed.includes(group));
  return {
    changes: measures.map((measure, place) =>
      changeOf(measure, valueAt(current.total, place), valueAt(before.total, place)),
    ),
    groups: listed.map(({ key, ...group }) => ({ name: typeof key === 'symbol' ? null : key, ...group })),
    other:
      rest.length === 0
        ? null
        : {
            groups: restSize(rest, current, before),
            contributions: measures.map((_, place) => sumAt(rest, place)),
          },
  };
}

interface ComparedEntry {
  readonly key: GroupKey;
  readonly changes: readonly Change[];
  readonly contributions: readonly (Contribution | null)[];
}

function byKey({ groups, other }: MeasureAnswer): ReadonlyMap<GroupKey, MeasuredValues> {
  const entries = groups.map((group): [GroupKey, MeasuredValues] => [group.name, group]);
  return new Map(other ? [...entries, [REST, other]] : entries);
}

function groupAt(
  key: GroupKey,
  place: number,
  measure: Measure,
  now: ReadonlyMap<GroupKey, MeasuredValues>,
  then: ReadonlyMap<GroupKey, MeasuredValues>,
): ComparedGroup {
  const absent = missing(measure);
  const at = (group: MeasuredValues | undefined): ComparedValue => (group ? valueAt(group, place) : absent);
  return { name: typeof key === 'symbol' ? null : key, current: at(now.get(key)), before: at(then.get(key)) };
}

/** A group that is in one answer alone had no records in the other. */
function missing(measure: Measure): ComparedValue {
  return isAmount(measure) ? { value: 0, n: null } : { value: null, n: 0 };
}

function valueAt({ values, n }: MeasuredValues, place: number): ComparedValue {
  return { value: values[place] ?? null, n: n[place] ?? null };
}

/** The largest contribution to the first measure first, in either direction; without any, the largest difference; then by name. */
function byMovement(a: ComparedEntry, b: ComparedEntry): number {
  return movementOf(b) - movementOf(a) || (String(a.key) < String(b.key) ? -1 : 1);
}

function movementOf({ contributions: [contribution], changes: [change] }: ComparedEntry): number {
  return Math.abs(contribution?.difference ?? change?.difference ?? change?.value ?? change?.before ?? 0);
}

function restSize(rest: readonly ComparedEntry[], current: MeasureAnswer, before: MeasureAnswer): number {
  const unlisted = Math.max(current.other?.groups ?? 0, before.other?.groups ?? 0);
  return rest.filter(({ key }) => key !== REST).length + unlisted;
}

function sumAt(rest: readonly ComparedEntry[], place: number): Contribution | null {
  const parts = rest.flatMap(({ contributions }) => contributions[place] ?? []);
  const [first] = parts;
  if (!first) return null;
  const sum = (valueOf: (part: Contribution) => number | null | undefined): number =>
    parts.reduce((total, part) => total + (valueOf(part) ?? 0), 0);
  return {
    difference: sum(({ difference }) => difference),
    share: first.share === null ? null : sum(({ share }) => share),
    ...(first.mix !== undefined && { mix: sum(({ mix }) => mix), rate: sum(({ rate }) => rate) }),
  };
}
