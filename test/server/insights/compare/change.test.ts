import { expect, test } from 'vitest';
import type { Measure } from '../../../../src/server/index.js';
import { changeOf } from '../../../../src/server/insights/compare/change.js';

const change = (measure: Measure, value: number | null, before: number | null) =>
  changeOf(measure, { value, n: 7 }, { value: before, n: 5 });

test('the change of an amount is its share of what was there before', () => {
  expect(change('requests', 150, 100)).toEqual({
    value: 150,
    n: 7,
    before: 100,
    nBefore: 5,
    difference: 50,
    change: 0.5,
    unit: 'share',
    isNew: false,
    judgement: null,
    mayBeChance: null,
  });
  expect(change('cost', 0.3, 0.1)).toMatchObject({ difference: 0.2, change: 2 });
  expect(change('requests', 0, 40)).toMatchObject({ difference: -40, change: -1 });
  expect(change({ property: 'balance', of: 'sum' }, -5, -10)).toMatchObject({ difference: 5, change: 0.5 });
});

test('an amount of which there was nothing before is new, and nothing after nothing is no change', () => {
  expect(change('requests', 12, 0)).toMatchObject({ difference: 12, change: null, isNew: true });
  expect(change('requests', 0, 0)).toMatchObject({ difference: 0, change: 0, isNew: false });
  expect(change('people', 3, 0)).toMatchObject({ change: null, isNew: true, judgement: 'better' });
});

test('the change of a share is in percentage points', () => {
  expect(change('errorRate', 0.05, 0.02)).toMatchObject({
    difference: 0.03,
    change: 3,
    unit: 'points',
    judgement: 'worse',
  });
  // A rate that was 0 is known.
  expect(change('badShare', 0.25, 0)).toMatchObject({ change: 25, isNew: false });
});

test.each([
  ['errorRate', 0.1, 1000, 0.05, 1000, false],
  ['errorRate', 0.05, 1000, 0.1, 1000, false],
  ['errorRate', 0.1, 20, 0.05, 20, true],
  ['badShare', 0.5, 40, 0.5, 40, true],
  ['errorRate', 1, 3, 0, 0, true],
  ['badShare', 0.5, null, 0.1, 1000, null],
  ['latencyP95', 2, 1000, 1, 1000, null],
] as const)(
  '%s of %j (n %j) after %j (n %j): chance could explain it: %j',
  (measure, value, n, before, nBefore, could) => {
    expect(changeOf(measure, { value, n }, { value: before, n: nBefore }).mayBeChance).toBe(could);
  },
);

test('what was not measured has no change', () => {
  for (const measure of ['errorRate', 'latencyP95', 'cost'] as const) {
    expect(change(measure, null, 1)).toMatchObject({
      difference: null,
      change: null,
      isNew: false,
      judgement: null,
    });
    expect(change(measure, 1, null)).toMatchObject({
      difference: null,
      change: null,
      isNew: false,
      judgement: null,
    });
  }
});

test.each([
  ['people', 'better', 'worse'],
  ['errors', 'worse', 'better'],
  ['errorRate', 'worse', 'better'],
  ['badShare', 'worse', 'better'],
  ['latencyP95', 'worse', 'better'],
  ['cost', null, null],
  ['requests', null, null],
  ['totalTokens', null, null],
  ['rated', null, null],
] as const)('a rise of %s is %s, a fall %s, and no change neither', (measure, rise, fall) => {
  expect(
    [change(measure, 2, 1), change(measure, 1, 2), change(measure, 1, 1)].map((one) => one.judgement),
  ).toEqual([rise, fall, null]);
});
