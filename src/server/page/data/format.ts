import { filterTime, wallTime } from '../browser/time-zone.js';
import { formatCount } from '../../model/measure/format-numbers.js';
import type { TimeBound } from '../../query/parse-time.js';

export {
  formatCompact,
  formatCount,
  formatInteger,
  formatPercent,
  formatScore,
  formatSeconds,
} from '../../model/measure/format-numbers.js';

/** Formats what a clock shows, see `wallTime()`. */
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** Durations that {@link formatSeconds} writes as round ones: 1, 2 and 5 in ms and s, then those of a clock, then days. */
export const ROUND_SECONDS: readonly number[] = [
  ...[0.001, 0.01, 0.1, 1].flatMap((unit) => [unit, 2 * unit, 5 * unit]),
  10,
  15,
  30,
  ...[1, 2, 5, 10, 15, 30].map((minutes) => 60 * minutes),
  ...[1, 2, 3, 6, 12].map((hours) => 3600 * hours),
  ...[1, 2, 5, 10].map((days) => 86_400 * days),
];

/** Formats a timestamp in the time zone of the page: the time alone if it is today, day and time in this year, else the day with its year. */
export function formatTime(iso: string, now = new Date()): string {
  const [{ date, day, year, time }, today] = [wallTime(Date.parse(iso)), wallTime(now.getTime())];
  if (day === today.day) return time;
  return `${days.format(date)} ${year === today.year ? time.slice(0, 5) : year}`;
}

const DAY_MS = 86_400_000;

/**
 * Formats an interval in the time zone of the page, from and to: `3 Nov 2026`, `3 Nov – 9 Nov 2026` for whole days, of which the last is included, and
 * `3 Nov 2026, 06:00 – 12:00`. `end` is not in the interval.
 */
export function formatInterval(start: number, end: number): string {
  const [from, to, last] = [wallTime(start), wallTime(end), wallTime(end - 1)];
  const year = from.year === last.year ? '' : ` ${from.year}`;
  const lastDay = `${days.format(last.date)} ${last.year}`;
  // Days begin and end at midnight, or where midnight is skipped, at another time of that day.
  if (end - start > DAY_MS - 3 * 3_600_000)
    return from.day === last.day ? lastDay : `${days.format(from.date)}${year} – ${lastDay}`;
  const length = from.time.endsWith(':00') && to.time.endsWith(':00') ? 5 : 8;
  const [fromTime, toTime] = [from, to].map(({ time }) => time.slice(0, length));
  const isOneDay = from.day === last.day;
  const endTime = toTime?.startsWith('00:00') ? `24:00${length === 8 ? ':00' : ''}` : toTime;
  if (isOneDay) return `${lastDay}, ${fromTime} – ${endTime}`;
  return `${days.format(from.date)}${year}, ${fromTime} – ${lastDay}, ${endTime}`;
}

export function formatFullTime(iso: string): string {
  const { date, year, time } = wallTime(Date.parse(iso));
  return `${days.format(date)} ${year}, ${time}`;
}

/** Formats the value of a time filter: a point in time in the time zone of the page, an age such as `24h` as `24h ago`, and what is no time as it is. */
export function formatFilterTime(value: string, bound: TimeBound = 'since'): string {
  const time = filterTime(value, bound);
  if (!time) return value;
  return 'agoMs' in time ? `${value} ago` : formatFullTime(new Date(time.at).toISOString()).slice(0, -3);
}

/** Returns a count that ended early as "more than". */
export function formatTotal(count: number, isCapped: boolean, one: string): string {
  return `${isCapped ? 'more than ' : ''}${formatCount(count, one)}`;
}
