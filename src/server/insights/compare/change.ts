import type { Measure } from '../../query/measure-request.js';
import { changeScore, isBeyondChance } from './change-score.js';
import { isAmount, kindOf, riseOf } from './measure-kinds.js';

/** A measured number, and what is behind it. */
export interface ComparedValue {
  readonly value: number | null;
  readonly n: number | null;
}

/** The change of a measure from what it is compared with. */
export interface Change {
  readonly value: number | null;
  readonly n: number | null;
  /** Value of the other side of the comparison. */
  readonly before: number | null;
  readonly nBefore: number | null;
  /** `value - before`; null if one of them was not measured. */
  readonly difference: number | null;
  /**
   * As a share of `before`: 0.5 is half as much again. Of shares themselves, the difference in percentage points. Null where there is none: something was
   * not measured, or there was nothing before.
   */
  readonly change: number | null;
  readonly unit: 'share' | 'points';
  /** There was nothing before, so that no share can be said. */
  readonly isNew: boolean;
  /** Null if nothing changed, and of measures of which it is neither good nor bad that they rise. */
  readonly judgement: 'better' | 'worse' | null;
  /** True if chance alone could explain the change of a share. Null for other measures, whose spread is not known. */
  readonly mayBeChance: boolean | null;
}

/** Properties of a number that decide how it is compared. */
export interface ComparedKind {
  /** Compared in percentage points. */
  readonly isShare: boolean;
  /** Nothing is 0, and not unknown. */
  readonly isAmount: boolean;
  /** Undefined if it is neither good nor bad that it rises. */
  readonly rise: 'good' | 'bad' | undefined;
}

export function changeOf(measure: Measure, current: ComparedValue, against: ComparedValue): Change {
  const isShare = kindOf(measure) === 'share';
  return changeBetween({ isShare, isAmount: isAmount(measure), rise: riseOf(measure) }, current, against);
}

/** Does what {@link changeOf} does, for a number that is no measure. */
export function changeBetween(
  { isShare, isAmount: isCount, rise }: ComparedKind,
  current: ComparedValue,
  against: ComparedValue,
): Change {
  const [value, before] = [current.value, against.value];
  const difference = value === null || before === null ? null : clean(value - before);
  const isNew = isCount && before === 0 && value !== null && value !== 0;
  return {
    value,
    n: current.n,
    before,
    nBefore: against.n,
    difference,
    change:
      difference === null || isNew
        ? null
        : isShare
          ? clean(100 * difference)
          : shareOf(difference, before ?? 0),
    unit: isShare ? 'points' : 'share',
    isNew,
    judgement: judge(rise, difference),
    mayBeChance: isShare ? couldBeChance(current, against) : null,
  };
}

function shareOf(difference: number, before: number): number {
  // Nothing before and nothing now. Of a negative sum, more is a rise.
  return before === 0 ? 0 : clean(difference / Math.abs(before));
}

function judge(rise: ComparedKind['rise'], difference: number | null): Change['judgement'] {
  if (rise === undefined || difference === null || difference === 0) return null;
  return difference > 0 === (rise === 'good') ? 'better' : 'worse';
}

function couldBeChance(current: ComparedValue, against: ComparedValue): boolean | null {
  const [count, before] = [countOf(current), countOf(against)];
  if (count === null || before === null) return null;
  return !isBeyondChance(changeScore(count, current.n ?? 0, before, against.n ?? 0));
}

/** Returns how many of the `n` the share stands for; null if it is none. */
function countOf({ value, n }: ComparedValue): number | null {
  return value === null || n === null || value < 0 || value > 1 ? null : value * n;
}

/** Removes the digits in which a difference of fractions is not exact: 0.3 - 0.1 is 0.19999999999999998. */
export function clean(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}
