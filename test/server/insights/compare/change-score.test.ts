import { expect, test } from 'vitest';
import { changeScore } from '../../../../src/server/insights/compare/change-score.js';

test('the score of a change has its sign, grows with the numbers, and is finite for none and all', () => {
  expect(changeScore(20, 100, 20, 100)).toBe(0);
  expect(changeScore(40, 100, 20, 100)).toBeCloseTo(-changeScore(20, 100, 40, 100), 10);
  // (40.5 · 80.5) / (60.5 · 20.5), its logarithm divided by the root of 1/40.5 + 1/60.5 + 1/20.5 + 1/80.5.
  expect(changeScore(40, 100, 20, 100)).toBeCloseTo(3.0199, 4);
  expect(changeScore(400, 1000, 200, 1000)).toBeGreaterThan(9);
  expect(Number.isFinite(changeScore(10, 10, 0, 10))).toBe(true);
  expect(changeScore(0, 10, 0, 10)).toBe(0);
});
