/** pydantic reads numbers above this as milliseconds, others as seconds. */
const MILLISECONDS_FROM = 2e10;
/** The years 0001 to 9999, in milliseconds, as in Python. Microseconds since 1970 are beyond. */
const [FIRST_TIME, LAST_TIME] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/**
 * A time in UTC as `toISOString()` of JavaScript and `isoformat()` of Python write it, on a day that exists in every year after 0999: it
 * can be taken as it is. A `Date` would take ten times as long (test/bench/intake.mjs).
 */
const USUAL =
  /^[1-9]\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3,9})?(?:Z|\+00:00)$/;

const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[t _](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+))?\s*(z|[+-]\d{2}(?::?[0-5]\d)?)?)?$/i;

/**
 * Returns a time in UTC as ISO 8601 with milliseconds. Reads it as pydantic does: ISO 8601, without a zone in UTC, or a number, also as
 * text. Returns undefined if there is no such time.
 */
export function readDateTime(value: unknown): string | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  if (USUAL.test(value)) {
    if (value.length === 24 && value.endsWith('Z')) return value;
    return `${value.slice(0, 19)}.${value.charAt(19) === '.' ? value.slice(20, 23) : '000'}Z`;
  }
  const text = value.trim();
  return /^[+-]?\d+(?:\.\d+)?$/.test(text) ? fromNumber(Number(text)) : fromIso(text);
}

function fromIso(text: string): string | undefined {
  const [, day, time = '00:00', fraction = '', zone] = DATE_TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const clock = `${day}T${time.length === 5 ? `${time}:00` : time}`;
  const wall = new Date(`${clock}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  // JavaScript moves 2026-02-30 to March 2nd and 24:00 to the next day.
  if (Number.isNaN(wall.getTime()) || !wall.toISOString().startsWith(clock)) return undefined;
  const offset = offsetMs(zone);
  if (wall.getTime() < FIRST_TIME || Math.abs(offset) >= DAY_MS) return undefined;
  // The last hours of the year 9999 in the west are in the year 10000 of UTC, which has no text of this form.
  return new Date(Math.max(FIRST_TIME, Math.min(wall.getTime() - offset, LAST_TIME))).toISOString();
}

function fromNumber(value: number): string | undefined {
  const ms = Math.abs(value) > MILLISECONDS_FROM ? value : value * 1000;
  return ms >= FIRST_TIME && ms <= LAST_TIME ? new Date(ms).toISOString() : undefined;
}

const DAY_MS = 24 * 60 * 60_000;

function offsetMs(zone = 'Z'): number {
  if (/^z$/i.test(zone)) return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)];
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
