import type { MeasuredValues } from '../../model/measure/measure-answer.js';
import type { MeasureName } from '../../query/measure-request.js';
import { changeOf, type Change, type ComparedValue } from '../compare/change.js';
import { isAmount } from '../compare/measure-kinds.js';

/** Numbers of a group now and before, read by the name of the measure. */
export interface MeasuredPair {
  readonly now: (measure: MeasureName) => ComparedValue;
  readonly before: (measure: MeasureName) => ComparedValue;
  readonly change: (measure: MeasureName) => Change;
}

/** @param measures the name of each place. A group that is missing on one side had no records there. */
export function measuredPair(
  measures: readonly MeasureName[],
  current: MeasuredValues | undefined,
  before: MeasuredValues | undefined,
): MeasuredPair {
  const reader = (values: MeasuredValues | undefined) => (measure: MeasureName) =>
    valueOf(measures, values, measure);
  const [now, then] = [reader(current), reader(before)];
  return { now, before: then, change: (measure) => changeOf(measure, now(measure), then(measure)) };
}

export function valueOf(
  measures: readonly MeasureName[],
  values: MeasuredValues | undefined,
  measure: MeasureName,
): ComparedValue {
  if (!values) return isAmount(measure) ? { value: 0, n: null } : { value: null, n: 0 };
  const place = measures.indexOf(measure);
  return { value: values.values[place] ?? null, n: values.n[place] ?? null };
}

/** A mean of which it is neither good nor bad that it rises. */
const MEAN = { property: 'mean', of: 'mean' } as const;

/** Returns the change of a sum divided by a number, for instance of the cost of a call. */
export function changeOfMean(pair: MeasuredPair, sum: MeasureName, by: MeasureName): Change {
  const mean = (side: MeasuredPair['now']): ComparedValue => {
    const [total, n] = [side(sum).value, side(by).value ?? 0];
    return { value: total === null || n === 0 ? null : total / n, n };
  };
  return changeOf(MEAN, mean(pair.now), mean(pair.before));
}

/** Returns the change of a share that is no measure by itself, in percentage points. It is neither good nor bad. */
export function changeOfShare(pair: MeasuredPair, part: MeasureName, whole: MeasureName): Change {
  const share = (side: MeasuredPair['now']): ComparedValue => {
    const [count, n] = [side(part).value ?? 0, side(whole).value ?? 0];
    return { value: n === 0 ? null : count / n, n };
  };
  return { ...changeOf('errorRate', share(pair.now), share(pair.before)), judgement: null };
}
