import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRetryAfter } from '../../../src/delivery/sending/retry-after.js';

const NOW = Date.UTC(2026, 10, 22, 10, 0, 0);

test.each([
  ['0', 0],
  ['7', 7_000],
  [' 7 ', 7_000],
  ['60, 120', 120_000],
  ['120,60', 120_000],
  ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
  ['Sunday, 22-Nov-26 10:00:30 GMT', 30_000],
  ['Sun Nov 22 10:00:30 2026', 30_000],
  ['Sun, 22 Nov 2026 09:59:00 GMT', 0],
])('The Retry-After header %j asks for %d ms', (header, expected) => {
  expect(parseRetryAfter(header, NOW)).toBe(expected);
});

test.each([
  ['a day', '86400'],
  ['more than setTimeout can hold', '99999999999999999999'],
  ['a date far away', 'Fri, 22 Nov 2030 10:00:00 GMT'],
])('A Retry-After header that asks for %s is capped at five minutes', (_, header) => {
  expect(parseRetryAfter(header, NOW)).toBe(300_000);
});

test.each([
  null,
  undefined,
  '',
  '1.5',
  '-3',
  'soon',
  'in 3 seconds',
  '60, soon',
  '2026-11-22T10:00:30Z',
  '22 Nov 2026',
])('The Retry-After header %j asks for nothing', (header) => {
  expect(parseRetryAfter(header, NOW)).toBeUndefined();
});

test('Any Retry-After header gives a wait between 0 and five minutes, or none', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      const waitMs = parseRetryAfter(header, NOW) ?? 0;
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(300_000);
    }),
  );
});
