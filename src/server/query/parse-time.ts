import { UTC_CLOCK, type ZoneClock } from '../model/time-zone.js';
import type { QueryTime } from './record-query.js';

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** A month, a day, or a day with a time. A plus sign in a URL is a space, unless it is encoded. */
const ISO_TIME =
  /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:[.,]\d{1,9})?)?(Z|[+ -]\d\d:?\d\d)?)?)?$/i;
/** Farthest time from 1970 that a `Date` can hold. */
const MAX_MS = 8.64e15;

/** Parameter that a time stands in. Both bounds are inclusive: as `until`, a day lasts to its end. */
export type TimeBound = 'since' | 'until';

/**
 * Reads the time of a filter: an age (`15m`, `24h`, `7d`), milliseconds since 1970, or ISO 8601. A day or month without a time is its
 * first millisecond as `since`, its last one as `until`; a time that the clock shows twice is the second as `until`. Returns undefined
 * for anything else, also for a day that does not exist.
 *
 * @param clock that of times which name no zone
 */
export function parseTime(
  text: string,
  bound: TimeBound = 'since',
  clock: ZoneClock = UTC_CLOCK,
): QueryTime | undefined {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    const agoMs = Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
    return agoMs <= MAX_MS ? { agoMs } : undefined;
  }
  const at = /^\d+$/.test(text) ? Number(text) : parseIso(text, bound, clock);
  return Math.abs(at) <= MAX_MS ? { at } : undefined;
}

/** Returns true for a day, a month or a time without a zone: what it means depends on a clock. */
export function isLocalTime(text: string): boolean {
  const parts = ISO_TIME.exec(text);
  return parts !== null && parts[6] === undefined;
}

/** Returns NaN for a text that is no time. */
function parseIso(text: string, bound: TimeBound, clock: ZoneClock): number {
  const [, year, month, day, minutes, seconds = ':00', zone] = ISO_TIME.exec(text) ?? [];
  if (year === undefined || month === undefined) return Number.NaN;
  const date = `${year}-${month}-${day ?? '01'}`;
  const midnight = new Date(`${date}T00:00:00Z`);
  // `Date` moves February 30 to March 2.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return Number.NaN;
  if (minutes === undefined) {
    if (bound === 'since') return clock.fromWall(midnight.getTime());
    // The next day or month begins after it, however many hours it has.
    const next = day === undefined ? [Number(month), 1] : [Number(month) - 1, Number(day) + 1];
    return clock.fromWall(midnight.setUTCMonth(next[0] ?? 0, next[1])) - 1;
  }
  const wall = Date.parse(`${date}T${minutes}${seconds.replace(',', '.')}Z`);
  if (zone !== undefined) return wall - offsetOf(zone);
  return clock.fromWall(wall, bound === 'until' ? 'last' : 'first');
}

/** Returns the offset of `Z`, `+02:00` or `-0330` in milliseconds. */
function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+ -])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return sign === '-' ? -offset : offset;
}
