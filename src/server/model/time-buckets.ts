import type { ZoneClock } from './time-zone.js';

/** Consecutive intervals of time. */
export interface TimeBuckets {
  /** Usual width in milliseconds. */
  readonly stepMs: number;
  /** Start of each bucket, ascending; milliseconds since 1970. */
  readonly at: readonly number[];
  /** End of the last bucket; not in it. */
  readonly end: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Step {
  readonly ms: number;
  /** Returns the start of the bucket that holds `wall`, or of the bucket `offset` after it, on the clock. */
  readonly startOf: (wall: number, offset: number) => number;
}

/** Widths of a bucket, ascending: round lengths of time. Weeks begin on Monday, as in ISO 8601. */
const STEPS: readonly Step[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => evenStep(n * SECOND)),
  ...[1, 2, 5, 10, 15, 30].map((n) => evenStep(n * MINUTE)),
  ...[1, 2, 3, 6, 12].map((n) => evenStep(n * HOUR)),
  ...[1, 2].map((n) => evenStep(n * DAY)),
  ...[7, 14].map((n) => evenStep(n * DAY, 4 * DAY)),
  ...[1, 3, 12, 60].map(monthStep),
];

/**
 * Divides the time from `first` to `last` into at most `maxBuckets` buckets of a round width, which begin at round times of the clock:
 * days at its midnight, however many hours they have. Up to an hour, all buckets have the same length.
 */
export function timeBuckets(first: number, last: number, maxBuckets: number, clock: ZoneClock): TimeBuckets {
  const limit = Math.max(2, maxBuckets);
  // One bucket less, because the first begins before the first record.
  const atLeast = (last - first) / (limit - 1);
  for (const step of stepsFrom(atLeast)) {
    const buckets =
      step.ms <= HOUR ? evenBuckets(step, first, last, clock) : clockBuckets(step, first, last, clock);
    // Days and months that are shorter than usual can make one more.
    if (buckets.at.length <= limit) return buckets;
  }
  throw new RangeError('No width is large enough');
}

/** Units of a calendar, and their usual lengths. */
const CALENDAR = { hour: HOUR, day: DAY, week: 7 * DAY, month: monthStep(1).ms } as const;

/** Returns about how many buckets {@link calendarBuckets} makes. */
export function countOfBuckets(first: number, last: number, unit: keyof typeof CALENDAR): number {
  return Math.floor((last - first) / CALENDAR[unit]) + 1;
}

/** Divides the time from `first` to `last` into units of the clock's calendar. Weeks begin on Monday. */
export function calendarBuckets(
  first: number,
  last: number,
  unit: keyof typeof CALENDAR,
  clock: ZoneClock,
): TimeBuckets {
  const step = STEPS.find(({ ms }) => ms === CALENDAR[unit]);
  if (!step) throw new RangeError(`No step is a ${unit}`);
  return unit === 'hour' ? evenBuckets(step, first, last, clock) : clockBuckets(step, first, last, clock);
}

/** Returns the number of the bucket that holds a time; for a time outside of all, the number after the last. */
export function bucketAt({ stepMs, at, end }: TimeBuckets, time: number): number {
  const [first = 0, last] = [at[0], at.length - 1];
  if (time < first || time >= end) return at.length;
  // A guess, because buckets differ in length by a few hours or days.
  let place = Math.min(last, Math.floor((time - first) / stepMs));
  while (place > 0 && time < (at[place] ?? 0)) place--;
  while (place < last && time >= (at[place + 1] ?? end)) place++;
  return place;
}

function* stepsFrom(ms: number): Iterable<Step> {
  for (const step of STEPS) if (step.ms >= ms) yield step;
  for (let years = Math.max(10, Math.ceil(ms / (365 * DAY))); years < 1e6; years *= 2)
    yield monthStep(12 * years);
}

/** Buckets of one length, from a round time of the clock at the first. Later changes of the clock do not move them. */
function evenBuckets({ ms }: Step, first: number, last: number, clock: ZoneClock): TimeBuckets {
  const offset = (clock.toWall(first) - first) % ms;
  const start = Math.floor((first + offset) / ms) * ms - offset;
  const length = Math.floor((last - start) / ms) + 1;
  return {
    stepMs: ms,
    at: Array.from({ length }, (_, index) => start + index * ms),
    end: start + length * ms,
  };
}

function clockBuckets(step: Step, first: number, last: number, clock: ZoneClock): TimeBuckets {
  const wall = clock.toWall(first);
  const at: number[] = [];
  // One before: an hour that the clock shows twice begins before its second half.
  for (let index = -1; ; index++) {
    const start = clock.fromWall(step.startOf(wall, index));
    if (start > last) return { stepMs: step.ms, at, end: start };
    const previous = at.at(-1);
    if (start <= first) at[0] = start;
    // An hour that the clock skips is no bucket.
    else if (previous === undefined || start > previous) at.push(start);
  }
}

/** Steps of one length on the clock, counted from `origin`. */
function evenStep(ms: number, origin = 0): Step {
  return { ms, startOf: (wall, offset) => (Math.floor((wall - origin) / ms) + offset) * ms + origin };
}

function monthStep(months: number): Step {
  return {
    ms: Math.round((months * 365 * DAY) / 12 / DAY) * DAY,
    startOf(wall, offset) {
      const date = new Date(wall);
      const month = Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / months) + offset;
      return new Date(0).setUTCFullYear(0, month * months, 1);
    },
  };
}
