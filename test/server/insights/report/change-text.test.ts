import { describe, expect, test } from 'vitest';
import { changeOf, type ComparedValue } from '../../../../src/server/insights/compare/change.js';
import { changeRow, changeText, relativeText } from '../../../../src/server/insights/report/change-text.js';

const some = (value: number, n: number | null = null): ComparedValue => ({ value, n });

describe('texts of changes', () => {
  test.each([
    [0.068, 0.078, '+1 point (6.8 %)'],
    [0.078, 0.068, '−1 point (7.8 %)'],
    [0.05, 0.0599, '+1 point (5.0 %)'],
    [0.068, 0.079, '+1.1 points (6.8 %)'],
    [0.1, 0.3, '+20 points (10 %)'],
    [0.1, 0.1, 'same (10 %)'],
    [0.1, 0.1004, 'about the same (10 %)'],
  ])('a share that goes from %d to %d is "%s"', (before, value, text) => {
    expect(changeText(changeOf('errorRate', some(value, 900), some(before, 900)), 'share')).toBe(text);
  });

  test.each([
    [10, 12, '+20 % (10)'],
    [10_000, 10_004, 'about the same (10,000)'],
    [10_004, 10_000, 'about the same (10,004)'],
    [10_000, 10_006, '+0.1 % (10,000)'],
    [0, 3, 'new'],
    [3, 3, 'same (3)'],
  ])('a count that goes from %d to %d is "%s"', (before, value, text) => {
    expect(changeText(changeOf('requests', some(value), some(before)), 'count')).toBe(text);
  });

  test('no size of a change is written as none, or without its sign', () => {
    for (let exponent = -6; exponent < 4; exponent += 0.01)
      for (const unit of ['share', 'points'] as const) {
        const size = 10 ** exponent;
        expect(relativeText(-size, unit)).toBe(relativeText(size, unit).replace('+', '−'));
        expect(relativeText(size, unit)).toMatch(/^(about the same|\+(?!0 )[\d.,]+ (%|points|point))$/);
      }
  });

  test('one request behind a rate is no plural', () => {
    const failed = changeOf('errorRate', some(1, 1), some(0, 2));
    expect(changeRow('Failed', failed, 'share', 'requests').value).toBe('100 % of 1 request');
    expect(changeRow('Bad', failed, 'share', 'rated').value).toBe('100 % of 1 rated');
  });
});
