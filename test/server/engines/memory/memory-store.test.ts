import { expect, test, vi } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../../src/server/index.js';
import { getOne, idsOf, numbered } from '../stored.js';

function record(id: string, text = 'p'): NewRecord {
  return { ...numbered(0), id, prompt: text };
}

test('above the limit of records the oldest are evicted', async () => {
  const store = new MemoryStore({ maxRecords: 3 });
  for (let i = 0; i < 10_000; i++) await store.put([record(String(i))]);
  expect(await idsOf(store)).toEqual(['9997', '9998', '9999']);
  expect(await store.usage()).toMatchObject({ records: 3, evicted: 9997 });
  expect([(await getOne(store, '9999'))?.seq, await getOne(store, '1')]).toEqual([10_000, undefined]);
});

test('above the limit of bytes the oldest records are evicted, but the latest always stays', async () => {
  const store = new MemoryStore({ maxBytes: 10_000 });
  await store.put([record('a', 'x'.repeat(3000)), record('b', 'x'.repeat(3000))]);
  expect(await idsOf(store)).toEqual(['b']);
  await store.put([record('c', 'x'.repeat(100_000))]);
  expect(await idsOf(store)).toEqual(['c']);
  await store.put([record('d')]);
  expect(await idsOf(store)).toEqual(['d']);
  expect((await store.usage()).bytes).toBeLessThan(1000);
});

test('statistics of many records that are asked for together are summed up once, and are never out of date', async () => {
  const store = new MemoryStore();
  await store.put(Array.from({ length: 30_000 }, (_, id) => numbered(id, 1)));
  expect((await store.statistics({}, 60)).records).toBe(30_000);
  const asked = Array.from({ length: 20 }, (_, i) => {
    void store.put([numbered(30_000 + i, 1)]);
    return store.statistics({}, 60);
  });
  const answers = await Promise.all(asked);
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]?.records).toBe(30_020);
  await store.remove({});
  expect((await store.statistics({}, 60)).records).toBe(0);
});

test.each([
  [{ not: [{ since: { agoMs: 1000 } }] }, [1, 1, 2]],
  [{ peopleWho: [{ since: { agoMs: 1000 } }] }, [2, 2, 0]],
])('statistics of %j follow the clock, although no record changes', async (query, expected) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(numbered(0).timestamp) + 1500 });
  try {
    const store = new MemoryStore();
    await store.put([
      { ...numbered(0), userId: 'ada' },
      { ...numbered(1), userId: 'ada' },
    ]);
    const counts: number[] = [];
    for (const passed of [0, 400, 200]) {
      vi.advanceTimersByTime(passed);
      counts.push((await store.statistics(query, 2)).records);
    }
    expect(counts).toEqual(expected);
  } finally {
    vi.useRealTimers();
  }
});
