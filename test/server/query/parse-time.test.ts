import { expect, test } from 'vitest';
import { UTC_CLOCK, zoneClock } from '../../../src/server/model/time-zone.js';
import { isLocalTime, parseTime, type TimeBound } from '../../../src/server/query/parse-time.js';

test.each([
  ['2026-03-01', '2026-03-01T00:00:00.000Z'],
  ['2026-03', '2026-03-01T00:00:00.000Z'],
  ['2024-02-29T23:59', '2024-02-29T23:59:00.000Z'],
  ['2026-03-01T10:00:00', '2026-03-01T10:00:00.000Z'],
  ['2026-03-01 10:00:00.123456', '2026-03-01T10:00:00.123Z'],
  ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
  ['2026-03-01T10:00:00+02:00', '2026-03-01T08:00:00.000Z'],
  ['2026-03-01T10:00:00 02:00', '2026-03-01T08:00:00.000Z'],
  ['2026-03-01T10:00-0330', '2026-03-01T13:30:00.000Z'],
  ['2026-03-01T24:00:00Z', '2026-03-02T00:00:00.000Z'],
  ['0', '1970-01-01T00:00:00.000Z'],
  ['1772359200000', '2026-03-01T10:00:00.000Z'],
])('the time %s is %s, wherever the server or the reader is', (text, iso) => {
  const time = parseTime(text);
  expect(time && 'at' in time && new Date(time.at).toISOString()).toBe(iso);
});

/** Returns the time in ISO 8601, as a project in that zone reads it. */
function inZone(text: string, bound: TimeBound, zone: string): string | undefined {
  const time = parseTime(text, bound, zone === 'UTC' ? UTC_CLOCK : zoneClock(zone));
  return time && 'at' in time ? new Date(time.at).toISOString() : undefined;
}

test.each([
  // 24 hours, in UTC and elsewhere.
  ['2026-11-03', 'UTC', '2026-11-03T00:00:00.000Z', '2026-11-03T23:59:59.999Z'],
  ['2026-11-03', 'Asia/Kathmandu', '2026-11-02T18:15:00.000Z', '2026-11-03T18:14:59.999Z'],
  ['2026-11-03', 'America/New_York', '2026-11-03T05:00:00.000Z', '2026-11-04T04:59:59.999Z'],
  // 23 and 25 hours.
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z'],
  ['2026-03-08', 'America/New_York', '2026-03-08T05:00:00.000Z', '2026-03-09T03:59:59.999Z'],
  ['2026-11-01', 'America/New_York', '2026-11-01T04:00:00.000Z', '2026-11-02T04:59:59.999Z'],
  // Half an hour.
  ['2026-04-05', 'Australia/Lord_Howe', '2026-04-04T13:00:00.000Z', '2026-04-05T13:29:59.999Z'],
  // Midnight is skipped: the day begins at one.
  ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z', '2026-09-07T02:59:59.999Z'],
  ['2026-09-05', 'America/Santiago', '2026-09-05T04:00:00.000Z', '2026-09-06T03:59:59.999Z'],
  // Midnight comes twice: the day begins at the first.
  ['2026-11-01', 'America/Havana', '2026-11-01T04:00:00.000Z', '2026-11-02T04:59:59.999Z'],
  // A month has its days, and its changes of the clock.
  ['2026-02', 'UTC', '2026-02-01T00:00:00.000Z', '2026-02-28T23:59:59.999Z'],
  ['2026-10', 'Europe/Berlin', '2026-09-30T22:00:00.000Z', '2026-10-31T22:59:59.999Z'],
  ['2026-12', 'Asia/Kathmandu', '2026-11-30T18:15:00.000Z', '2026-12-31T18:14:59.999Z'],
  ['2024-12-31', 'UTC', '2024-12-31T00:00:00.000Z', '2024-12-31T23:59:59.999Z'],
  ['0001-01-01', 'America/Sao_Paulo', '0001-01-01T03:06:28.000Z', '0001-01-02T03:06:27.999Z'],
])('%s in %s lasts from %s to %s', (day, zone, from, to) => {
  expect([inZone(day, 'since', zone), inZone(day, 'until', zone)]).toEqual([from, to]);
});

test('each day of a year follows the one before it without a gap, in every zone', () => {
  for (const zone of [
    'Europe/Berlin',
    'America/Santiago',
    'Asia/Beirut',
    'Pacific/Chatham',
    'Africa/Cairo',
  ]) {
    const clock = zoneClock(zone);
    const days = Array.from({ length: 365 }, (_, day) => new Date(Date.UTC(2025, 0, 1 + day)));
    const bounds = days.map((day) => {
      const text = day.toISOString().slice(0, 10);
      const at = (bound: TimeBound): number => Number(Object.values(parseTime(text, bound, clock) ?? {})[0]);
      return { from: at('since'), to: at('until') + 1 };
    });
    expect(bounds.slice(1).map(({ from }) => from)).toEqual(bounds.slice(0, -1).map(({ to }) => to));
    expect(
      [...new Set(bounds.map(({ from, to }) => (to - from) / 3_600_000))].toSorted((a, b) => a - b),
    ).toEqual([23, 24, 25]);
  }
});

test('a time without a zone is one of the project, a time with a zone is not', () => {
  expect(inZone('2026-11-03T10:00', 'until', 'Asia/Kathmandu')).toBe('2026-11-03T04:15:00.000Z');
  expect(inZone('2026-11-03 10:00:30.5', 'since', 'Asia/Kathmandu')).toBe('2026-11-03T04:15:30.500Z');
  for (const fixed of ['2026-11-03T10:00Z', '2026-11-03T12:00+02:00', '2026-11-03T07:00:00-0300']) {
    expect(inZone(fixed, 'since', 'Asia/Kathmandu')).toBe('2026-11-03T10:00:00.000Z');
    expect(isLocalTime(fixed)).toBe(false);
  }
  expect(['2026-11', '2026-11-03', '2026-11-03T10:00'].map(isLocalTime)).toEqual([true, true, true]);
  expect(['', '7d', '1772359200000', 'yesterday'].map(isLocalTime)).toEqual([false, false, false, false]);
});

test.each([
  // Clocks are set forward over the time: the time of the change.
  ['2026-03-08T02:30', 'America/New_York', '2026-03-08T07:00:00.000Z', '2026-03-08T07:00:00.000Z'],
  ['2026-03-29T02:59:59.999', 'Europe/Berlin', '2026-03-29T01:00:00.000Z', '2026-03-29T01:00:00.000Z'],
  ['2026-10-04T02:10', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z', '2026-10-03T15:30:00.000Z'],
  ['2026-04-24T00:30', 'Africa/Cairo', '2026-04-23T22:00:00.000Z', '2026-04-23T22:00:00.000Z'],
  // Samoa left out a day.
  ['2011-12-30T12:00', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
  // Clocks are set back and show the time twice: both are between the bounds.
  ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'],
  ['2026-11-01T01:00', 'America/New_York', '2026-11-01T05:00:00.000Z', '2026-11-01T06:00:00.000Z'],
  ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z'],
  // The hour after the change comes once.
  ['2026-10-25T03:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z', '2026-10-25T02:00:00.000Z'],
  ['2026-03-08T03:00', 'America/New_York', '2026-03-08T07:00:00.000Z', '2026-03-08T07:00:00.000Z'],
])('%s in %s, around a change of the clock, is %s as since and %s as until', (text, zone, since, until) => {
  expect([inZone(text, 'since', zone), inZone(text, 'until', zone)]).toEqual([since, until]);
});

test.each([
  ['90s', 90_000],
  ['15m', 900_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
])('%s is an age', (text, agoMs) => {
  expect(parseTime(text)).toEqual({ agoMs });
});

test.each([
  'yesterday',
  'March 7',
  '-5',
  '1e400',
  '7w',
  '2026-02-30',
  '2026-13-01',
  '2026-03-01T25:00Z',
  '2026-03T10:00',
  '2026-03-01T10:00:00 CET',
  '99999999999999999',
  `${'9'.repeat(20)}d`,
  ' ',
])('%s is no time', (text) => {
  expect(parseTime(text)).toBeUndefined();
});
