import { calendarBuckets, type TimeBuckets } from '../model/time-buckets.js';
import type { ZoneClock } from '../model/time-zone.js';
import { resolveTime, type RecordQuery } from './record-query.js';

const DAY = 86_400_000;
/** Longest periods in milliseconds, with an hour or two that a clock is set back by. */
const LONGEST = { day: DAY + DAY / 8, week: 7 * DAY + DAY / 8, month: 31 * DAY + DAY / 8 } as const;

/** Returns a query without its bounds of time, for the prompts alone: people are known by all that they have ever asked. */
export function promptsOfAllTime(query: RecordQuery): RecordQuery {
  const { since: _since, until: _until, kinds, ...others } = query;
  return { ...others, kinds: kinds ? kinds.filter((kind) => kind === 'prompt') : ['prompt'] };
}

/**
 * Returns the latest `limit` whole periods of the calendar, from the one of `since`, else of the first prompt, to the one of `until`, else of
 * now. None if nothing says since when, or if it ends before it begins.
 *
 * @param firstPrompt when a prompt was seen first, in milliseconds
 */
export function periodsOf(
  { since, until }: RecordQuery,
  firstPrompt: number | undefined,
  step: keyof typeof LONGEST,
  { limit, now, clock }: { readonly limit: number; readonly now: number; readonly clock: ZoneClock },
): TimeBuckets {
  const from = since ? resolveTime(since, now) : firstPrompt;
  const to = until ? resolveTime(until, now) : now;
  if (from === undefined || from > to) return { stepMs: 0, at: [], end: 0 };
  // Each period takes time to find: none that would be cut off.
  const { at, ...rest } = calendarBuckets(Math.max(from, to - limit * LONGEST[step]), to, step, clock);
  return { ...rest, at: at.slice(-limit) };
}

/** Returns the periods with the one before them. */
export function withPeriodBefore(
  periods: TimeBuckets,
  step: keyof typeof LONGEST,
  clock: ZoneClock,
): TimeBuckets {
  const [first] = periods.at;
  if (first === undefined) return periods;
  const before = calendarBuckets(first - 1, first - 1, step, clock).at.at(-1) ?? first;
  return { ...periods, at: [before, ...periods.at] };
}
