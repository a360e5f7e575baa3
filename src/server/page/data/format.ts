import { toLatency } from '../../model/measures.js';
import { parseTime } from '../../query/parse-time.js';

const scores = new Intl.NumberFormat('en', { maximumFractionDigits: 3, useGrouping: false });
const integers = new Intl.NumberFormat('en');
const compactNumbers = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export function formatInteger(value: number): string {
  return integers.format(value);
}

export function formatCompact(value: number): string {
  return compactNumbers.format(value);
}

/**
 * Formats a duration as `840 ms`, `1.24 s`, `2 m 05 s`, `1 h 01 m` or `2 d 03 h`, without a second part that is zero. Rounds once, before
 * it divides: 119.7 s are `2 m`. One that is unknown or not believed is a dash.
 */
export function formatSeconds(given: number | null | undefined): string {
  const seconds = toLatency(given);
  if (seconds === undefined) return '–';
  if (seconds > 0 && seconds < 0.0005) return '< 1 ms';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.995) return `${withoutZeros(seconds.toFixed(2))} s`;
  if (seconds < 59.95) return `${withoutZeros(seconds.toFixed(1))} s`;
  if (seconds < 3599.5) return inTwoUnits(Math.round(seconds), 60, 'm', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return inTwoUnits(minutes, 60, 'h', 'm');
  return inTwoUnits(Math.round(seconds / 3600), 24, 'd', 'h');
}

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

/** `1.00` is `1`, and `1.50` stays, so that the numbers of a column have as many digits. */
function withoutZeros(fixed: string): string {
  return fixed.replace(/\.0+$/, '');
}

function inTwoUnits(count: number, perUnit: number, unit: string, smaller: string): string {
  const rest = count % perUnit;
  const first = `${Math.floor(count / perUnit)} ${unit}`;
  return rest === 0 ? first : `${first} ${String(rest).padStart(2, '0')} ${smaller}`;
}

/** Formats a timestamp in local time: the time alone if it is today, day and time in this year, else the day with its year. */
export function formatTime(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const time = date.toTimeString().slice(0, 8);
  if (date.toDateString() === now.toDateString()) return time;
  const isThisYear = date.getFullYear() === now.getFullYear();
  return isThisYear
    ? `${days.format(date)} ${time.slice(0, 5)}`
    : `${days.format(date)} ${date.getFullYear()}`;
}

const DAY_MS = 86_400_000;

/**
 * Formats an interval in local time, from and to: `3 Nov 2026`, `3 Nov – 9 Nov 2026` for whole days, of which the last is included, and
 * `3 Nov 2026, 06:00 – 12:00`. `end` is not in the interval.
 */
export function formatInterval(start: number, end: number): string {
  const [from, to, last] = [new Date(start), new Date(end), new Date(end - 1)];
  const year = from.getFullYear() === last.getFullYear() ? '' : ` ${from.getFullYear()}`;
  const lastDay = `${days.format(last)} ${last.getFullYear()}`;
  // Days begin and end at midnight, or where midnight is skipped, at another time of that day.
  if (end - start > DAY_MS - 3 * 3_600_000)
    return from.toDateString() === last.toDateString() ? lastDay : `${days.format(from)}${year} – ${lastDay}`;
  const length = from.getSeconds() === 0 && to.getSeconds() === 0 ? 5 : 8;
  const [fromTime, toTime] = [from, to].map((date) => date.toTimeString().slice(0, length));
  const isOneDay = from.toDateString() === last.toDateString();
  const endTime = toTime?.startsWith('00:00') ? `24:00${length === 8 ? ':00' : ''}` : toTime;
  if (isOneDay) return `${lastDay}, ${fromTime} – ${endTime}`;
  return `${days.format(from)}${year}, ${fromTime} – ${lastDay}, ${endTime}`;
}

export function formatFullTime(iso: string): string {
  const date = new Date(iso);
  return `${days.format(date)} ${date.getFullYear()}, ${date.toTimeString().slice(0, 8)}`;
}

/** Formats the value of a time filter: a point in time in local time, an age such as `24h` as `24h ago`, and what is no time as it is. */
export function formatFilterTime(value: string): string {
  const time = parseTime(value);
  if (!time) return value;
  return 'agoMs' in time ? `${value} ago` : formatFullTime(new Date(time.at).toISOString()).slice(0, -3);
}

/** Formats a score with at most three decimals. */
export function formatScore(score: number): string {
  return scores.format(score);
}

export function formatPercent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (100 * part) / whole;
  // A few are not none, and almost all are not all.
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent < 100 && percent >= 99.5) return `${Math.min(99.9, percent).toFixed(1)} %`;
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Returns a count that ended early as "more than". */
export function formatTotal(count: number, isCapped: boolean, one: string): string {
  return `${isCapped ? 'more than ' : ''}${formatCount(count, one)}`;
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatInteger(count)} ${count === 1 ? one : many}`;
}
