import { expect, test } from 'vitest';
import { Clock } from '../../../../../src/server/engines/clickhouse/writes/clock.js';

test('positions ascend while the clock stands still, is set back, and goes on', () => {
  const times = [1000, 1000, 999, 5, 1001];
  const clock = new Clock(() => times.shift() ?? 0);
  const seqs = Array.from({ length: 5 }, () => clock.nextSeq());
  expect(seqs).toEqual([1_000_000, 1_000_001, 1_000_002, 1_000_003, 1_001_000]);
});

test('a version is above the previous one of its record, also if another clock was ahead, which moves no other record', () => {
  const clock = new Clock(() => 1000, 0);
  const now = 1_000_000n * 1024n;
  expect(clock.nextVersion()).toBe(now);
  expect(clock.nextVersion(2n * now)).toBe(2n * now + 1n);
  expect(clock.nextVersion()).toBe(now + 2n);
});

test('servers that write in the same millisecond write different versions', () => {
  const versions = Array.from({ length: 5 }, () => new Clock(() => 1000).nextVersion());
  expect(new Set(versions).size).toBe(5);
});
