import { expect, test } from 'vitest';
import { CheckTimes } from '../../../../../src/server/ingest/otlp/late/check-times.js';

test('a key is due after five seconds, and later at growing intervals, then forgotten', () => {
  const times = new CheckTimes();
  times.add('a', 0);
  const due: number[] = [];
  for (let second = 0; second < 3600; second += 1)
    if (times.takeDue(second * 1000).length > 0) due.push(second);
  expect([due, times.size]).toEqual([[5, 35, 215, 1115], 0]);
});

test('a key that comes again begins again, and of too many the oldest is forgotten', () => {
  const times = new CheckTimes();
  for (let index = 0; index <= 20_000; index += 1) times.add(String(index), 0);
  times.add('1', 4000);
  expect(times.size).toBe(20_000);
  const due = times.takeDue(5000);
  expect([due.length, due.includes('0'), due.includes('1'), due.includes('20000')]).toEqual([
    19_999,
    false,
    false,
    true,
  ]);
  expect(times.takeDue(9000)).toEqual(['1']);
});

test('a key that came again is not the oldest', () => {
  const times = new CheckTimes();
  for (let index = 0; index < 20_000; index += 1) times.add(String(index), 0);
  times.add('0', 0);
  times.add('new', 0);
  const due = times.takeDue(5000);
  expect([due.includes('0'), due.includes('1'), due.includes('2')]).toEqual([true, false, true]);
});
