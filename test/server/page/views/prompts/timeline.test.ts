import { expect, test } from 'vitest';
import { timelineOf } from '../../../../../src/server/page/views/prompts/timeline.js';

const call = (second: number, latency?: unknown) => ({
  timestamp: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
  properties: (latency === undefined ? {} : { latency }) as { latency?: string },
});

test('steps lie where they began and are as long as they took, also beside each other', () => {
  expect(timelineOf([call(2, 2), call(3, '1'), call(4, 1.5)])).toEqual([
    { offset: 0, start: 0, length: 0.5 },
    { offset: 2, start: 0.5, length: 0.25 },
    { offset: 2.5, start: 0.625, length: 0.375 },
  ]);
});

test('a step without a latency is a point, and steps without any time fill the bar', () => {
  expect(timelineOf([call(0), call(4, -1)])).toEqual([
    { offset: 0, start: 0, length: 0 },
    { offset: 4, start: 1, length: 0 },
  ]);
  expect(timelineOf([call(1)])).toEqual([{ offset: 0, start: 0, length: 1 }]);
  expect(timelineOf([])).toEqual([]);
});
