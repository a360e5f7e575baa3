import type { QueryTime } from './record-query.js';

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** A month, a day, or a day with a time. A plus sign in a URL is a space, unless it is encoded. */
const ISO_TIME =
  /^(\d{4}-\d\d)(-\d\d)?(?:(?<=-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:[.,]\d{1,9})?)?(?:Z|([+ -])(\d\d):?(\d\d))?)?$/i;
/** Farthest time from 1970 that a `Date` can hold. */
const MAX_MS = 8.64e15;

/**
 * Reads the time of a filter: an age (`15m`, `24h`, `7d`), milliseconds since 1970, or ISO 8601, in UTC unless a zone is given. Returns
 * undefined for anything else, also for a day that does not exist.
 */
export function parseTime(text: string): QueryTime | undefined {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    const agoMs = Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
    return agoMs <= MAX_MS ? { agoMs } : undefined;
  }
  const at = /^\d+$/.test(text) ? Number(text) : parseIso(text);
  return Math.abs(at) <= MAX_MS ? { at } : undefined;
}

/** Returns NaN for a text that is no time. */
function parseIso(text: string): number {
  const [, month, day = '-01', minutes = '00:00', seconds = ':00', sign, zoneHours, zoneMinutes] =
    ISO_TIME.exec(text) ?? [];
  if (month === undefined) return Number.NaN;
  const midnight = new Date(`${month}${day}T00:00:00Z`);
  // `Date` moves February 30 to March 2.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(month + day)) return Number.NaN;
  const wall = Date.parse(`${month}${day}T${minutes}${seconds.replace(',', '.')}Z`);
  if (sign === undefined) return wall;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  return sign === '-' ? wall + offset : wall - offset;
}
