import { expect, onTestFinished, test } from 'vitest';
import {
  formatCount,
  formatFilterTime,
  formatFullTime,
  formatInterval,
  formatPercent,
  formatSeconds,
  formatTime,
  formatTotal,
  ROUND_SECONDS,
} from '../../../../src/server/page/data/format.js';
import {
  fromField,
  inTimeZone,
  setTimeZone,
  timeZone,
} from '../../../../src/server/page/browser/time-zone.js';

test.each([
  [119.7, '2 m'],
  [59.97, '1 m'],
  [59.94, '59.9 s'],
  [9.996, '10 s'],
  [9.99, '9.99 s'],
  [1, '1 s'],
  [0.9996, '1 s'],
  [1.5, '1.50 s'],
  [0.9994, '999 ms'],
  [0.84, '840 ms'],
  [0.0004, '< 1 ms'],
  [0, '0 ms'],
  [125, '2 m 05 s'],
  [3599.4, '59 m 59 s'],
  [3599.6, '1 h'],
  [3661, '1 h 01 m'],
  [86_399, '1 d'],
  [97_200, '1 d 03 h'],
  [-3, '–'],
  [1e12, '–'],
  [Number.NaN, '–'],
  [null, '–'],
  [undefined, '–'],
])('a duration of %s seconds is written as "%s"', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test('a longer duration is never written as a shorter one', () => {
  const units = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
  const secondsOf = (text: string): number =>
    [...text.matchAll(/([\d.]+) (ms|[smhd])/g)].reduce(
      (sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units],
      0,
    );
  let before = 0;
  for (let seconds = 0.001; seconds < 200_000; seconds *= 1.001) {
    const written = secondsOf(formatSeconds(seconds));
    expect(written).toBeGreaterThanOrEqual(before);
    expect(Math.abs(written - seconds) / seconds).toBeLessThan(0.5);
    expect(formatSeconds(seconds)).not.toMatch(/^60 [sm]$| 60 [sm]$|\b24 h|1000 ms/);
    before = written;
  }
});

test.each([
  [0, 0, '–'],
  [0, 5, '0 %'],
  [1, 10_000, '< 0.1 %'],
  [1, 200, '0.5 %'],
  [996, 10_000, '10 %'],
  [1, 3, '33 %'],
  [9999, 10_000, '99.9 %'],
  [5, 5, '100 %'],
])('%i of %i are written as "%s"', (part, whole, text) => {
  expect(formatPercent(part, whole)).toBe(text);
});

const at = (text: string): number => new Date(text).getTime();

test.each([
  ['2026-11-03T00:00', '2026-11-04T00:00', '3 Nov 2026'],
  ['2026-11-02T00:00', '2026-11-09T00:00', '2 Nov – 8 Nov 2026'],
  ['2025-12-29T00:00', '2026-01-05T00:00', '29 Dec 2025 – 4 Jan 2026'],
  ['2026-11-01T00:00', '2026-12-01T00:00', '1 Nov – 30 Nov 2026'],
  ['2026-11-03T06:00', '2026-11-03T12:00', '3 Nov 2026, 06:00 – 12:00'],
  ['2026-11-03T12:00', '2026-11-04T00:00', '3 Nov 2026, 12:00 – 24:00'],
  ['2026-11-03T12:00:05', '2026-11-03T12:00:10', '3 Nov 2026, 12:00:05 – 12:00:10'],
  ['2026-11-03T23:50', '2026-11-04T00:05', '3 Nov, 23:50 – 4 Nov 2026, 00:05'],
])('the interval from %s to %s is written as "%s"', (from, to, text) => {
  expect(formatInterval(at(from), at(to))).toBe(text);
});

test('a time of another year says its year', () => {
  const now = new Date(2026, 10, 29, 12);
  expect(formatTime(new Date(2026, 10, 29, 9, 5, 7).toISOString(), now)).toBe('09:05:07');
  expect(formatTime(new Date(2026, 10, 3, 9, 5).toISOString(), now)).toBe('3 Nov 09:05');
  expect(formatTime(new Date(2099, 10, 3, 9, 5).toISOString(), now)).toBe('3 Nov 2099');
});

test('a count that ended early says that there are more', () => {
  expect(formatTotal(100_000, true, 'record')).toBe(`more than ${formatCount(100_000, 'record')}`);
  expect(formatTotal(1, false, 'record')).toBe('1 record');
});

test('the marks of an axis of durations are round, each of one unit', () => {
  expect(ROUND_SECONDS.map(formatSeconds).filter((text) => !/^[1-9]\d* (ms|s|m|h|d)$/.test(text))).toEqual(
    [],
  );
  expect(ROUND_SECONDS).toEqual([...ROUND_SECONDS].sort((a, b) => a - b));
});

test('a filter of time is shown as the server understands it, or as it is', () => {
  expect(formatFilterTime('24h')).toBe('24h ago');
  expect(formatFilterTime('2026-02-30')).toBe('2026-02-30');
  expect(formatFilterTime('99999999999999999')).toBe('99999999999999999');
  onTestFinished(() => setTimeZone(undefined));
  setTimeZone('Asia/Kathmandu');
  expect(formatFilterTime('2026-03-01T10:00Z')).toBe('1 Mar 2026, 15:45');
  expect(formatFilterTime('2026-03-01T10:00')).toBe('1 Mar 2026, 10:00');
  expect(formatFilterTime('2026-03-01')).toBe('1 Mar 2026, 00:00');
  expect(formatFilterTime('2026-03-01', 'until')).toBe('1 Mar 2026, 23:59');
});

test('requests with a day of a filter name the time zone of the page, and others stay as they are', () => {
  onTestFinished(() => setTimeZone(undefined));
  setTimeZone('Asia/Kathmandu');
  for (const day of ['since=2026-11-03', 'user=ada&until=2026-11', 'since=2026-11-03T10%3A00'])
    expect(inTimeZone(day)).toBe(`${day}&timezone=Asia%2FKathmandu`);
  for (const same of ['', 'user=ada', 'since=7d&until=1772359200000', 'since=2026-11-03&timezone=UTC'])
    expect(inTimeZone(same)).toBe(same);
});

test('times are those of the chosen time zone, also when clocks are set there, and else those of the reader', () => {
  onTestFinished(() => setTimeZone(undefined));
  const own = timeZone();
  setTimeZone('America/New_York');
  expect(formatFullTime('2026-03-08T06:59:59.000Z')).toBe('8 Mar 2026, 01:59:59');
  expect(formatFullTime('2026-03-08T07:00:00.000Z')).toBe('8 Mar 2026, 03:00:00');
  expect(formatInterval(Date.UTC(2026, 2, 8, 5), Date.UTC(2026, 2, 9, 4))).toBe('8 Mar 2026');
  expect(formatTime('2026-01-01T04:59:00.000Z', new Date('2026-01-01T05:00:00.000Z'))).toBe('31 Dec 2025');
  expect(formatTime('2026-01-01T05:00:00.000Z', new Date('2026-01-02T04:59:00.000Z'))).toBe('00:00:00');
  expect(fromField('2026-03-08T03:00', 'since')?.toISOString()).toBe('2026-03-08T07:00:00.000Z');
  expect(fromField('soon', 'since')).toBeUndefined();
  setTimeZone('Nowhere/Else');
  expect(timeZone()).toBe('UTC');
  setTimeZone(undefined);
  expect(timeZone()).toBe(own);
});
