import { UTC_CLOCK, zoneClock, type ZoneClock } from '../../model/time-zone.js';
import { namesLocalTime } from '../../query/parse-query.js';
import { parseTime, type TimeBound } from '../../query/parse-time.js';
import type { QueryTime } from '../../query/record-query.js';

const DAY_MS = 86_400_000;
const { timeZone: OF_READER } = Intl.DateTimeFormat().resolvedOptions();
let clock = clockOf(OF_READER);

/** Chooses the time zone of the project. Without one, it stays that of the reader. */
export function setTimeZone(name: string | undefined): void {
  clock = clockOf(name ?? OF_READER);
}

/** Returns the time zone of all days and times of the page. */
export function timeZone(): string {
  return clock.timeZone;
}

/** A point in time as a clock shows it in the time zone of the page. */
export interface WallTime {
  /** Shows the clock by its methods for UTC. */
  readonly date: Date;
  /** Number of the day. Two times of one day have the same. */
  readonly day: number;
  readonly year: number;
  /** As `06:00:00`. */
  readonly time: string;
}

/** @param time milliseconds since 1970 */
export function wallTime(time: number): WallTime {
  const wall = clock.toWall(time);
  const date = new Date(wall);
  const [text = ''] = /\d\d:\d\d:\d\d/.exec(date.toUTCString()) ?? [];
  return { date, day: Math.floor(wall / DAY_MS), year: date.getUTCFullYear(), time: text };
}

/** Reads the time of a filter as the server does, in the time zone of the page. */
export function filterTime(value: string, bound: TimeBound): QueryTime | undefined {
  return parseTime(value, bound, clock);
}

/** Returns the time in a field of date and time, such as `2026-11-03T12:00`; undefined if that is none. */
export function fromField(value: string, bound: TimeBound): Date | undefined {
  const time = filterTime(value, bound);
  return time && 'at' in time ? new Date(time.at) : undefined;
}

/** Returns a query of the API in which filters with a day mean a day of the page. Without them, it is the same for all readers. */
export function inTimeZone(query: string): string {
  const params = new URLSearchParams(query);
  if (params.has('timezone') || !namesLocalTime(params)) return query;
  params.set('timezone', clock.timeZone);
  return params.toString();
}

/** A browser may not know a zone that the server knows. */
function clockOf(name: string): ZoneClock {
  return zoneClock(name) ?? UTC_CLOCK;
}
