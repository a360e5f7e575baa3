import { expect, test } from 'vitest';
import { isSampled, samplingKey } from '../../../src/records/privacy/sampling.js';

const KEYS = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
const shareOf = (ratio: number): number => KEYS.filter((key) => isSampled(key, ratio)).length / KEYS.length;

test.each([0.01, 0.1, 0.5, 0.9])('about %d of neighbouring keys are sampled', (ratio) => {
  expect(Math.abs(shareOf(ratio) - ratio)).toBeLessThan(0.015);
});

test('neighbouring keys are sampled independently of each other', () => {
  const changes = KEYS.filter((key, index) => isSampled(key, 0.5) !== isSampled(KEYS[index + 1] ?? key, 0.5));
  expect(Math.abs(changes.length / KEYS.length - 0.5)).toBeLessThan(0.03);
});

test('no key is sampled at 0, and every key at 1 and above', () => {
  expect([shareOf(0), shareOf(-1), shareOf(1), shareOf(2)]).toEqual([0, 0, 1, 1]);
});

test('a key that is sampled at one ratio is sampled at every higher one, always', () => {
  const sampled = KEYS.filter((key) => isSampled(key, 0.3));
  expect(sampled.every((key) => isSampled(key, 0.3) && isSampled(key, 0.31))).toBe(true);
});

test('calls are sampled by user, by thread if the user is unknown, and else by trace', () => {
  const user = { userId: 'ada', threadId: 'trip', anonymous: false };
  expect(samplingKey(user, 'trace')).toBe('ada');
  expect(samplingKey({ ...user, anonymous: true }, 'trace')).toBe('trip');
  expect(samplingKey({ userId: 'anonymous', anonymous: true }, 'trace')).toBe('trace');
});
