import type { MeasureSteps } from '../model/measure/measure-answer.js';
import { calendarBuckets, countOfBuckets, type TimeBuckets } from '../model/time-buckets.js';
import type { ZoneClock } from '../model/time-zone.js';
import { MAX_STEPS, type TimeStep } from './measure-request.js';
import { BadQueryError } from './parse-query.js';
import { resolveTime, type RecordQuery } from './record-query.js';

/** Plausible times of the first and last record that match, in milliseconds. */
export interface TimeSpan {
  readonly first: number;
  readonly last: number;
}

/**
 * Returns the steps of a series: from `since` of the query, else the first record, to `until`, else now if the query says since when, else
 * the last record. No steps if nothing says a time.
 *
 * @throws BadQueryError if there would be more than {@link MAX_STEPS}
 */
export function stepsOf(
  { since, until }: RecordQuery,
  span: TimeSpan | undefined,
  step: TimeStep,
  now: number,
  clock: ZoneClock,
): TimeBuckets {
  const from = since ? resolveTime(since, now) : span?.first;
  const open = since ? Math.max(now, span?.last ?? now) : span?.last;
  const to = until ? resolveTime(until, now) : open;
  if (from === undefined || to === undefined || from > to) return { stepMs: 0, at: [], end: 0 };
  const count = countOfBuckets(from, to, step);
  if (count > MAX_STEPS)
    throw new BadQueryError(
      `step=${step} would make ${count} steps of this time; at most ${MAX_STEPS} are possible. Choose a longer step, or a later since`,
    );
  return calendarBuckets(from, to, step, clock);
}

export function toMeasureSteps(
  { at, end }: TimeBuckets,
  step: TimeStep,
  clock: ZoneClock,
  outside: number,
): MeasureSteps {
  return { step, timeZone: clock.timeZone, at, end, outside };
}
