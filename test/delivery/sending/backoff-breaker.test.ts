import { expect, test } from 'vitest';
import { backoffMs } from '../../../src/delivery/sending/backoff-breaker.js';

test('The backoff is drawn from a window that doubles from 1 s up to 30 s', () => {
  const longest = [1, 2, 3, 4, 5, 6, 50, 5_000].map((failures) => backoffMs(failures, () => 1));
  expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('The backoff uses the whole window, but is never shorter than 100 ms', () => {
  expect(backoffMs(3, () => 0.5)).toBe(2_000);
  expect(backoffMs(3, () => 0)).toBe(100);
});
