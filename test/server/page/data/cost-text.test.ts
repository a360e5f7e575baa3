import { expect, test } from 'vitest';
import { formatCost, formatCosts, formatMeanCost } from '../../../../src/server/page/data/cost-text.js';

test.each([
  [0, '$0'],
  [0.000_000_001, '$0.000000001'],
  [0.000_012, '$0.000012'],
  [0.000_012_34, '$0.000012'],
  [0.000_99, '$0.00099'],
  [0.001, '$0.001'],
  [0.0012, '$0.0012'],
  [0.012, '$0.012'],
  [0.05, '$0.05'],
  [0.0996, '$0.10'],
  [0.1, '$0.10'],
  [0.375, '$0.38'],
  [1.2, '$1.20'],
  [1234.5, '$1,234.50'],
  [1_000_000, '$1,000,000.00'],
])('%d dollars are %s', (cost, text) => {
  expect(formatCost(cost)).toBe(text);
});

test('calls without a price stand beside the cost, and are never a cost of 0', () => {
  const counts = (cost: number, pricedCalls: number, unpricedCalls: number) => ({
    cost,
    pricedCalls,
    unpricedCalls,
  });
  expect(formatCosts(counts(1.2, 5, 3))).toBe('$1.20 + 3 unpriced calls');
  expect(formatCosts(counts(1.2, 5, 0))).toBe('$1.20');
  expect(formatCosts(counts(0, 5, 0))).toBe('$0');
  expect(formatCosts(counts(0, 0, 1))).toBe('1 unpriced call');
  expect(formatCosts(counts(0, 0, 0))).toBe('–');
  expect(formatMeanCost(counts(1.5, 3, 1))).toBe('$0.50 a call of the 75 % with a price');
  expect(formatMeanCost(counts(1.5, 3, 0))).toBe('$0.50 a call');
  expect(formatMeanCost(counts(0, 0, 7))).toBeUndefined();
});
