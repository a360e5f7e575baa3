import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nthSmallest } from '../../../../../src/server/engines/memory/measure/nth-smallest.js';

test('the number at a place is the one that sorting puts there, whatever the order and however often numbers repeat', () => {
  const number = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 4 }));
  fc.assert(
    fc.property(fc.array(number, { maxLength: 300 }), fc.nat(299), (list, index) => {
      const numbers = Float64Array.from(list, (value) => value + 0);
      expect(nthSmallest(numbers.slice(), index)).toBe(numbers.toSorted()[index]);
    }),
  );
});

test('long lists that are sorted, reversed, equal or an unlucky order for the choice of pivots keep their percentile', () => {
  const length = 20_000;
  const orders: Record<string, (place: number) => number> = {
    sorted: (place) => place,
    reversed: (place) => length - place,
    equal: () => 7,
    // Of three numbers, the middle one is always the second smallest.
    unlucky: (place) => (place % 2 === 0 ? place : length + place),
    peak: (place) => Math.min(place, length - place),
  };
  for (const [name, at] of Object.entries(orders)) {
    const numbers = Float64Array.from({ length }, (_, place) => at(place));
    expect([name, nthSmallest(numbers.slice(), 18_999)]).toEqual([name, numbers.toSorted()[18_999]]);
  }
});
