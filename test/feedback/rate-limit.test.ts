import { expect, test } from 'vitest';
import { RateLimit } from '../../src/feedback/rate-limit.js';

/** A limit of requests in a minute, and its clock. */
function rateLimit(perMinute: number) {
  let now = 0;
  const limit = new RateLimit(perMinute, () => now);
  return { limit, wait: (ms: number) => void (now += ms) };
}

test('a caller may send as often as allowed, and each caller for itself', () => {
  const { limit } = rateLimit(3);
  expect([1, 2, 3, 4].map(() => limit.take('ada'))).toEqual([0, 0, 0, 20]);
  expect(limit.take('grace')).toBe(0);
});

test('tokens come back one after the other, and refused requests cost none', () => {
  const { limit, wait } = rateLimit(3);
  for (let request = 0; request < 3; request += 1) limit.take('ada');
  wait(10_000);
  expect([limit.take('ada'), limit.take('ada')]).toEqual([10, 10]);
  wait(10_000);
  expect([limit.take('ada'), limit.take('ada')]).toEqual([0, 20]);
  wait(500);
  expect(limit.take('ada')).toBe(20);
});

test('a caller that waits for long has no more tokens than a new one', () => {
  const { limit, wait } = rateLimit(2);
  limit.take('ada');
  wait(3_600_000);
  expect([1, 2, 3].map(() => limit.take('ada'))).toEqual([0, 0, 30]);
});

test('a clock that is set back costs no tokens', () => {
  const { limit, wait } = rateLimit(2);
  limit.take('ada');
  wait(-3_600_000);
  expect(limit.take('ada')).toBe(0);
});

test('ten thousand callers are remembered, and the least recent one is forgotten', () => {
  const { limit } = rateLimit(1);
  for (let caller = 0; caller < 10_000; caller += 1) limit.take(String(caller));
  expect(limit.take('0')).toBe(60);
  limit.take('new');
  expect(limit.take('0')).toBe(60);
  expect(limit.take('1')).toBe(0);
});
