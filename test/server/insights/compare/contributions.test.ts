import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  contributionsOf,
  type ComparedGroup,
} from '../../../../src/server/insights/compare/contributions.js';

/** A group as `[value, n]` now and before. */
function group(
  name: string,
  [value, n]: readonly [number | null, number],
  [before, nBefore]: readonly [number | null, number],
): ComparedGroup {
  return { name, current: { value, n }, before: { value: before, n: nBefore } };
}

test('groups of a sum contribute their differences', () => {
  const groups = [group('a', [130, 0], [100, 0]), group('b', [40, 0], [50, 0]), group('c', [5, 0], [0, 0])];
  expect(contributionsOf('requests', groups)).toEqual([
    { difference: 30, share: 1.2 },
    { difference: -10, share: -0.4 },
    { difference: 5, share: 0.2 },
  ]);
});

test('without a change of the total, no group has a share of it', () => {
  const groups = [group('a', [13, 0], [10, 0]), group('b', [2, 0], [5, 0])];
  expect(contributionsOf('cost', groups)).toEqual([
    { difference: 3, share: null },
    { difference: -3, share: null },
  ]);
});

test('groups of a rate contribute by their own rate, and by their size', () => {
  // 0.14 before: 80 at 0.1, 20 at 0.3. 0.25 now: 50 at 0.1, 50 at 0.4. The mean total is 0.195.
  const groups = [group('small', [0.1, 50], [0.1, 80]), group('large', [0.4, 50], [0.3, 20])];
  expect(contributionsOf('errorRate', groups)).toEqual([
    // -0.3 of the requests, at 0.095 below the mean.
    { difference: 2.85, mix: 2.85, rate: 0, share: expect.closeTo(2.85 / 11, 9) },
    // 0.3 of the requests, at 0.155 above it; 0.1 more at a mean weight of 0.35.
    { difference: 8.15, mix: 4.65, rate: 3.5, share: expect.closeTo(8.15 / 11, 9) },
  ]);
});

test('a group that is new contributes by its size alone', () => {
  // 0.2 before, 0.4 now.
  const groups = [group('old', [2, 10], [2, 10]), group('new', [6, 10], [null, 0])];
  expect(contributionsOf('latencyMean', groups)).toEqual([
    { difference: 0.5, mix: 0.5, rate: 0, share: 0.25 },
    { difference: 1.5, mix: 1.5, rate: 0, share: 0.75 },
  ]);
});

test('nothing adds up to percentiles, people and conversations, nor to the rate of nothing', () => {
  const groups = [group('a', [1, 2], [3, 4])];
  for (const measure of ['latencyP95', 'people', 'threads', { property: 'x', of: 'p50' }] as const)
    expect(contributionsOf(measure, groups)).toBeUndefined();
  expect(contributionsOf('errorRate', [group('a', [null, 0], [0.5, 4])])).toBeUndefined();
});

test('mix and rate of all groups add up to the change of the total, whatever the groups are', () => {
  const side = fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1000))
    .map(([rate, n]): [number | null, number] => [n === 0 ? null : rate, n]);
  const totalOf = (sides: readonly (readonly [number | null, number])[]): number => {
    const all = sides.reduce((sum, [, n]) => sum + n, 0);
    return sides.reduce((sum, [rate, n]) => sum + (rate ?? 0) * (n / all), 0);
  };
  fc.assert(
    fc.property(fc.array(fc.tuple(side, side), { minLength: 1, maxLength: 8 }), (pairs) => {
      const [now, before] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      fc.pre(now.some(([, n]) => n > 0) && before.some(([, n]) => n > 0));
      const parts =
        contributionsOf(
          'badShare',
          pairs.map(([a, b], place) => group(String(place), a, b)),
        ) ?? [];
      const sum = (values: readonly (number | undefined)[]): number =>
        values.reduce<number>((all, value) => all + (value ?? 0), 0);
      const change = 100 * (totalOf(now) - totalOf(before));
      expect(sum(parts.map(({ difference }) => difference))).toBeCloseTo(change, 6);
      expect(sum(parts.flatMap(({ mix, rate }) => [mix, rate]))).toBeCloseTo(change, 6);
    }),
  );
});
