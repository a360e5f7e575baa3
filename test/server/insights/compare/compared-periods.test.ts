import { expect, test } from 'vitest';
import {
  comparedRanges,
  comparedUnits,
  type ComparedPeriods,
} from '../../../../src/server/insights/compare/compared-periods.js';
import { clockOf } from '../../../../src/server/query/parse-time-zone.js';

const NEW_YORK = clockOf('America/New_York');
const KATHMANDU = clockOf('Asia/Kathmandu');
const UTC = clockOf('UTC');
/** Its clocks were set forward at midnight: Friday, 24 April 2026 began at one. */
const CAIRO = clockOf('Africa/Cairo');

const time = (iso: string): number => Date.parse(iso);

/** Ends that are a millisecond after a time of the test are written as that time. */
function written(periods: ComparedPeriods | undefined): unknown[] | undefined {
  const iso = (at: number): string => new Date(at - (at % 1000)).toISOString().slice(0, 16);
  const pair = ({ from, to }: { from: number; to: number }) => `${iso(from)} ${iso(to)}`;
  return periods && [pair(periods.current), pair(periods.before), periods.isRunning];
}

test('what has elapsed of a week is compared with as much of the week before, by the clock on the wall', () => {
  // Clocks were set forward on Sunday, 8 March. It is Wednesday, 14:30.
  const now = time('2026-03-11T18:30:00Z');
  expect(written(comparedUnits('week', 'previous', 'elapsed', now, NEW_YORK))).toEqual([
    '2026-03-09T04:00 2026-03-11T18:30',
    '2026-03-02T05:00 2026-03-04T19:30',
    true,
  ]);
  expect(written(comparedUnits('week', 'previous', 'complete', now, NEW_YORK))).toEqual([
    '2026-03-02T05:00 2026-03-09T04:00',
    '2026-02-23T05:00 2026-03-02T05:00',
    false,
  ]);
});

test('days and months begin at midnight of the time zone', () => {
  const now = time('2026-05-31T20:00:00Z');
  // It is 1:45 on 1 June.
  expect(written(comparedUnits('day', 'previous', 'elapsed', now, KATHMANDU))).toEqual([
    '2026-05-31T18:15 2026-05-31T20:00',
    '2026-05-30T18:15 2026-05-30T20:00',
    true,
  ]);
  expect(written(comparedUnits('month', 'previous', 'complete', now, KATHMANDU))).toEqual([
    '2026-04-30T18:15 2026-05-31T18:15',
    '2026-03-31T18:15 2026-04-30T18:15',
    false,
  ]);
});

test('a month that is longer than the one before is compared with all of it', () => {
  expect(written(comparedUnits('month', 'previous', 'elapsed', time('2026-03-31T12:00:00Z'), UTC))).toEqual([
    '2026-03-01T00:00 2026-03-31T12:00',
    '2026-02-01T00:00 2026-03-01T00:00',
    true,
  ]);
});

test('a day can be compared with the same day of the week before', () => {
  // Sunday, 8 March has 23 hours; at 15:00 of it, 14 have passed.
  expect(
    written(comparedUnits('day', 'same-weekday', 'elapsed', time('2026-03-08T19:00:00Z'), NEW_YORK)),
  ).toEqual(['2026-03-08T05:00 2026-03-08T19:00', '2026-03-01T05:00 2026-03-01T20:00', true]);
  const range = { from: time('2026-03-01T05:00:00Z'), to: time('2026-03-31T04:00:00Z') };
  // 30 days: five weeks back.
  expect(
    written(comparedRanges(range, 'same-weekday', 'elapsed', time('2026-05-01T00:00:00Z'), NEW_YORK)),
  ).toEqual(['2026-03-01T05:00 2026-03-31T04:00', '2026-01-25T05:00 2026-02-24T05:00', false]);
});

test('whole days are compared with as many days just before, also if one of them has 23 hours', () => {
  const range = { from: time('2026-03-07T05:00:00Z'), to: time('2026-03-10T04:00:00Z') };
  expect(
    written(comparedRanges(range, 'previous', 'elapsed', time('2026-04-01T00:00:00Z'), NEW_YORK)),
  ).toEqual(['2026-03-07T05:00 2026-03-10T04:00', '2026-03-04T05:00 2026-03-07T05:00', false]);
});

test('a range that does not begin at midnight is compared with one of the same length', () => {
  const now = time('2026-03-11T18:30:00Z');
  const range = { from: now - 7 * 86_400_000, to: undefined };
  expect(written(comparedRanges(range, 'previous', 'elapsed', now, NEW_YORK))).toEqual([
    '2026-03-04T18:30 2026-03-11T18:30',
    // Without the last millisecond, which has begun.
    '2026-02-25T18:29 2026-03-04T18:30',
    true,
  ]);
});

test('complete days are those of the range that are over', () => {
  const now = time('2026-03-11T18:30:00Z');
  const ranges = (from: string, to?: string) =>
    written(
      comparedRanges(
        { from: time(from), to: to === undefined ? undefined : time(to) },
        'previous',
        'complete',
        now,
        NEW_YORK,
      ),
    );
  expect(ranges('2026-03-08T12:00:00Z')).toEqual([
    '2026-03-09T04:00 2026-03-11T04:00',
    '2026-03-07T05:00 2026-03-09T04:00',
    false,
  ]);
  expect(ranges('2026-03-09T04:00:00Z', '2026-03-20T04:00:00Z')).toEqual([
    '2026-03-09T04:00 2026-03-11T04:00',
    '2026-03-07T05:00 2026-03-09T04:00',
    false,
  ]);
  expect(ranges('2026-03-10T12:00:00Z')).toBeUndefined();
  expect(ranges('2026-03-12T12:00:00Z')).toBeUndefined();
});

test('days are compared with whole days, also if one of them begins after a skipped midnight', () => {
  const now = time('2026-06-01T00:00:00Z');
  /** Days since the start of April, which may be negative. */
  const startOf = (day: number): number => CAIRO.fromWall(Date.UTC(2026, 3, 1 + day));
  for (let day = 0; day < 40; day++)
    for (const length of [1, 7, 10]) {
      const range = { from: startOf(day), to: startOf(day + length) };
      const whole = (from: number) => ({ from: startOf(from), to: startOf(from + length) });
      const against = (period: 'previous' | 'same-weekday') =>
        comparedRanges(range, period, 'elapsed', now, CAIRO)?.before;
      expect([day, length, against('previous')]).toEqual([day, length, whole(day - length)]);
      expect([day, length, against('same-weekday')]).toEqual([
        day,
        length,
        whole(day - (length > 7 ? 14 : 7)),
      ]);
    }
});

test('as much has elapsed of a period that begins after a skipped midnight as of another one', () => {
  const elapsed = (now: string) =>
    written(comparedUnits('day', 'previous', 'elapsed', time(now), CAIRO))?.slice(0, 2);
  // It is 14:00 on 24 and on 25 April.
  expect(elapsed('2026-04-24T11:00:00Z')).toEqual([
    '2026-04-23T22:00 2026-04-24T11:00',
    '2026-04-22T22:00 2026-04-23T12:00',
  ]);
  expect(elapsed('2026-04-25T11:00:00Z')).toEqual([
    '2026-04-24T21:00 2026-04-25T11:00',
    '2026-04-23T22:00 2026-04-24T11:00',
  ]);
});
