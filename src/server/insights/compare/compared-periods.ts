import { calendarBuckets } from '../../model/time-buckets.js';
import type { ZoneClock } from '../../model/time-zone.js';

/** From a time in milliseconds to another one, which is not in it. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface ComparedPeriods {
  readonly current: Period;
  readonly before: Period;
  /** The current period is not over: both are cut after the same time. */
  readonly isRunning: boolean;
}

/** Calendar units that can be compared with the one before. */
export const PERIODS = ['day', 'week', 'month'] as const;
export type PeriodUnit = (typeof PERIODS)[number];

/** The period just before, or the same days of the week before it. */
export const AGAINST_PERIODS = ['previous', 'same-weekday'] as const;
export type AgainstPeriod = (typeof AGAINST_PERIODS)[number];

/** Parts of periods to compare: the elapsed part of a running period with as much of the one before, or complete periods alone. */
export const PARTS = ['elapsed', 'complete'] as const;
export type PeriodParts = (typeof PARTS)[number];

const DAY = 86_400_000;
const WEEK = 7 * DAY;

/** Returns a calendar unit and the one to compare it with: the running one, or the last that is complete. */
export function comparedUnits(
  unit: PeriodUnit,
  against: AgainstPeriod,
  parts: PeriodParts,
  now: number,
  clock: ZoneClock,
): ComparedPeriods {
  const running = unitAt(now, unit, clock);
  const last = unitAt(running.from - 1, unit, clock);
  const isRunning = parts === 'elapsed';
  const whole = isRunning ? running : last;
  const current = isRunning ? { from: running.from, to: now + 1 } : last;
  const before = against === 'previous' ? unitAt(whole.from - 1, unit, clock) : weeksBefore(whole, clock);
  const cut = afterSame(current, before.from, clock);
  // The 31st has no day in a month of 30: the whole month then.
  return { current, before: isRunning ? { ...before, to: Math.min(before.to, cut) } : before, isRunning };
}

/**
 * Returns a range of time and the one to compare it with. Whole days of the clock are compared with as many days, also if some of them have 23 or
 * 25 hours; other ranges with one of the same length.
 *
 * @param to undefined, or later than now, for a range that is not over
 * @returns undefined if `complete` leaves no day
 */
export function comparedRanges(
  { from, to }: { readonly from: number; readonly to: number | undefined },
  against: AgainstPeriod,
  parts: PeriodParts,
  now: number,
  clock: ZoneClock,
): ComparedPeriods | undefined {
  const isOver = to !== undefined && to <= now;
  const isRunning = !isOver && parts === 'elapsed';
  const current = isOver || isRunning ? { from, to: isOver ? to : now + 1 } : completeDays(from, now, clock);
  if (!(current.from < current.to)) return undefined;
  const before = against === 'previous' ? justBefore(current, clock) : weeksBefore(current, clock);
  return { current, before, isRunning };
}

function completeDays(from: number, now: number, clock: ZoneClock): Period {
  const day = unitAt(from, 'day', clock);
  return { from: day.from === from ? from : day.to, to: unitAt(now, 'day', clock).from };
}

function justBefore({ from, to }: Period, clock: ZoneClock): Period {
  if (unitAt(from, 'day', clock).from !== from) return { from: from - (to - from), to: from };
  const start = calendarWall(from, clock);
  return { from: clock.fromWall(start - (calendarWall(to, clock) - start)), to: from };
}

/** Moves a period back by the fewest whole weeks that are not shorter than it. */
export function weeksBefore({ from, to }: Period, clock: ZoneClock): Period {
  const [start, end] = [calendarWall(from, clock), calendarWall(to, clock)];
  const shift = Math.ceil((end - start) / WEEK) * WEEK;
  return { from: clock.fromWall(start - shift), to: clock.fromWall(end - shift) };
}

/** Returns the time that is as long after `start`, by the clock on the wall, as the period lasts. */
export function afterSame({ from, to }: Period, start: number, clock: ZoneClock): number {
  const length = calendarWall(to, clock) - calendarWall(from, clock);
  return clock.fromWall(calendarWall(start, clock) + length);
}

/** Returns the time that the clock shows; for the start of a day its midnight, which clocks skip that are set forward then. */
function calendarWall(time: number, clock: ZoneClock): number {
  const wall = clock.toWall(time);
  return unitAt(time, 'day', clock).from === time ? Math.floor(wall / DAY) * DAY : wall;
}

function unitAt(time: number, unit: PeriodUnit, clock: ZoneClock): Period {
  const { at, end } = calendarBuckets(time, time, unit, clock);
  return { from: at[0] ?? time, to: end };
}
