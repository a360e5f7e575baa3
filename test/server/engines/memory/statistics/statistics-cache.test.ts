import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RecordTable } from '../../../../../src/server/engines/memory/table/record-table.js';
import { StatisticsCache } from '../../../../../src/server/engines/memory/statistics/statistics-cache.js';
import { clockOf } from '../../../../../src/server/query/parse-time-zone.js';
import type { RecordQuery } from '../../../../../src/server/query/record-query.js';
import { variedRecords } from '../../../../support/varied-records.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1, 12);

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A table with so many records, one a minute, the last of them now. */
function useCache(count: number) {
  const table = new RecordTable();
  const [sample] = variedRecords(1);
  const add = (at: number) => {
    const seq = table.seqOf(table.end);
    const timestamp = new Date(at).toISOString();
    table.set({ ...sample, kind: 'prompt', id: `r${seq}`, timestamp, receivedAt: timestamp, seq } as never);
    table.revision += 1;
  };
  for (let at = 0; at < count; at += 1) add(START - (count - 1 - at) * 60_000);
  const cache = new StatisticsCache(table);
  const read = (query: RecordQuery, buckets = 4, zone = 'UTC') => cache.read(query, buckets, clockOf(zone));
  return { table, add, read };
}

test('an answer is kept as long as no record changes, and by query, buckets and time zone', async () => {
  const { add, read } = useCache(10);
  const first = await read({});
  expect(await read({})).toBe(first);
  expect(first.prompts).toBe(10);
  for (const other of [read({ users: ['nobody'] }), read({}, 5), read({}, 4, 'Asia/Tokyo')])
    expect(await other).not.toBe(first);
  expect(await read({})).toBe(first);
  add(START);
  expect((await read({})).prompts).toBe(11);
});

test('an answer about an age is kept until the first record is too old', async () => {
  const { read } = useCache(61);
  const query: RecordQuery = { since: { agoMs: HOUR } };
  const first = await read(query);
  expect(first.prompts).toBe(61);
  expect(await read(query)).toBe(first);
  vi.setSystemTime(START + 60_000);
  expect((await read(query)).prompts).toBe(60);
});

test('an answer about a fixed time is kept although time passes', async () => {
  const { read } = useCache(10);
  const query: RecordQuery = { since: { at: START - 5 * 60_000 } };
  const first = await read(query);
  vi.setSystemTime(START + 48 * HOUR);
  expect(await read(query)).toBe(first);
});

test('an answer about what is older than an age is made anew when time passes', async () => {
  const { read } = useCache(10);
  const query: RecordQuery = { until: { agoMs: 5 * 60_000 } };
  const before = (await read(query)).prompts;
  vi.setSystemTime(START + 60_000);
  expect((await read(query)).prompts).toBe(before + 1);
});

test('an answer without what is recent is made anew when time passes', async () => {
  const { read } = useCache(10);
  const query: RecordQuery = { not: [{ since: { agoMs: 5 * 60_000 } }] };
  const before = (await read(query)).prompts;
  vi.setSystemTime(START + 60_000);
  expect((await read(query)).prompts).toBe(before + 1);
});

test('an answer that was made again is the latest', async () => {
  const { add, read } = useCache(10);
  for (let buckets = 1; buckets <= 16; buckets += 1) await read({}, buckets);
  add(START);
  const again = await read({}, 1);
  await read({}, 17);
  expect(await read({}, 1)).toBe(again);
});

test('seventeen answers do not fit: the one that was made first is made again', async () => {
  const { read } = useCache(10);
  const first = await read({}, 1);
  const second = await read({}, 2);
  for (let buckets = 3; buckets <= 17; buckets += 1) await read({}, buckets);
  expect(await read({}, 2)).toBe(second);
  expect(await read({}, 1)).not.toBe(first);
});

test('requests that come together for many records share one answer, and later ones get a new one', async () => {
  const { add, read } = useCache(20_000);
  const [first, second] = await Promise.all([read({}), read({})]);
  expect(second).toBe(first);
  add(START);
  const [third, fourth] = await Promise.all([read({}), read({})]);
  expect(third.prompts).toBe(20_001);
  expect(fourth).toBe(third);
});
