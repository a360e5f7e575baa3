import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toTimestamp } from '../../../src/records/text/timestamp.js';

test('toTimestamp writes what Date writes, whatever time was asked for before', () => {
  const time = fc.oneof(
    fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
    fc.double({ min: 1_790_000_000_000, max: 1_790_000_003_000, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(time), (times) => {
      for (const ms of times) expect(toTimestamp(ms)).toBe(new Date(ms).toISOString());
    }),
  );
});

test('toTimestamp returns the epoch for a number that is no time', () => {
  for (const ms of [Number.NaN, Infinity, -Infinity, 8.65e15])
    expect(toTimestamp(ms)).toBe('1970-01-01T00:00:00.000Z');
});
