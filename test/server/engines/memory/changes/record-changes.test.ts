import { expect, test } from 'vitest';
import { MemoryStore } from '../../../../../src/server/index.js';
import { numbered } from '../../stored.js';

async function useStore(count: number): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.put(Array.from({ length: count }, (_, index) => numbered(index + 1)));
  return store;
}

test('a page says that more follows until the last one, and the pages together hold every change once', async () => {
  const store = await useStore(0);
  const { cursor: start } = await store.changePage(undefined, 2);
  await store.put([1, 2, 3, 4, 5].map((id) => numbered(id)));
  const first = await store.changePage(start, 2);
  const second = await store.changePage(first.cursor, 2);
  const third = await store.changePage(second.cursor, 2);
  expect([first, second, third].map(({ hasMore }) => hasMore)).toEqual([true, true, false]);
  const ids = [first, second, third].flatMap(({ records }) => records.map(({ id }) => id));
  expect(ids).toEqual(['1', '2', '3', '4', '5']);
});

test('a record that was removed and put again is in the page as a record alone', async () => {
  const store = await useStore(2);
  const { cursor } = await store.changePage(undefined, 10);
  await store.remove({ ids: ['1', '2'] });
  await store.put([numbered(2)]);
  const { records, removed } = await store.changePage(cursor, 10);
  expect([records.map(({ id }) => id), removed]).toEqual([['2'], ['1']]);
});

test('a cursor of another process is no place to go on from, whatever its number', async () => {
  const { cursor } = await (await useStore(1)).changePage(undefined, 10);
  const other = await useStore(3);
  expect(await other.changePage(cursor, 10)).toMatchObject({ isComplete: false, records: [] });
});
