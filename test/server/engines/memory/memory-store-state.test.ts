import { expect, onTestFinished, test, vi } from 'vitest';
import { MemoryDocuments } from '../../../../src/server/engines/memory/memory-documents.js';
import { recordKey } from '../../../../src/server/model/privacy/erasure-keys.js';
import { MemoryStore, type NewRecord, type RecordStore } from '../../../../src/server/index.js';
import { getOne, idsOf, numbered } from '../stored.js';

const record = (id: string, text = 'p'): NewRecord => ({ ...numbered(0), id, prompt: text });
const sizeOf = async (store: RecordStore): Promise<number> => (await store.usage()).bytes;

async function useStore(ids: readonly string[], options = {}) {
  const store = new MemoryStore(options);
  await store.put(ids.map((id) => record(id)));
  const watcher = vi.fn<() => void>();
  const stop = store.watch(watcher);
  const { cursor } = await store.changes(undefined, 100);
  return { store, watcher, stop, changes: (limit = 100) => store.changes(cursor, limit) };
}

test('bytes are counted once for a record, whatever became of it', async () => {
  const { store } = await useStore([]);
  await store.put([record('a', 'x'.repeat(500))]);
  const one = await sizeOf(store);
  await store.put([record('a', 'x'.repeat(500))]);
  expect(await sizeOf(store)).toBe(one);
  await store.put([record('b', 'x'.repeat(500))]);
  expect(await sizeOf(store)).toBe(2 * one);
  await store.remove({ ids: ['a'] });
  expect(await sizeOf(store)).toBe(one);
  await store.put([record('c')]);
  await store.remove({});
  expect(await store.usage()).toMatchObject({ bytes: 0, records: 0 });
});

test('a record that is put again keeps its number, and one that is new after a removal gets the next', async () => {
  const { store } = await useStore(['a', 'b']);
  await store.put([record('a', 'again')]);
  expect([(await getOne(store, 'a'))?.seq, await idsOf(store)]).toEqual([1, ['a', 'b']]);
  await store.remove({ ids: ['a'] });
  expect(await getOne(store, 'a')).toBeUndefined();
  await store.put([record('a')]);
  expect((await getOne(store, 'a'))?.seq).toBe(3);
  await store.remove({});
  await store.put([record('z')]);
  expect((await getOne(store, 'z'))?.seq).toBe(4);
  expect(await idsOf(store)).toEqual(['z']);
});

test('those who watch are told of every change until they stop, also one who watches twice', async () => {
  const { store, watcher, stop } = await useStore(['a', 'b']);
  const stopSecond = store.watch(watcher);
  await store.put([record('c')]);
  expect(watcher).toHaveBeenCalledTimes(2);
  stopSecond();
  await store.put([]);
  expect(watcher).toHaveBeenCalledTimes(2);
  await store.remove({ ids: ['a'] });
  expect(watcher).toHaveBeenCalledTimes(3);
  await store.remove({ ids: ['unknown'] });
  expect(watcher).toHaveBeenCalledTimes(3);
  await store.remove({});
  expect(watcher).toHaveBeenCalledTimes(4);
  stop();
  await store.put([record('d')]);
  expect(watcher).toHaveBeenCalledTimes(4);
});

test('changes since a cursor tell the latest state of each record', async () => {
  const { store, changes } = await useStore(['a', 'b']);
  await store.put([record('b', 'again'), record('c')]);
  await store.remove({ ids: ['a', 'c'] });
  const { records, removed, isComplete } = await changes();
  expect([records.map(({ id }) => id), removed.toSorted(), isComplete]).toEqual([['b'], ['a', 'c'], true]);
  expect((await changes(2)).isComplete).toBe(false);
  expect((await changes(3)).isComplete).toBe(true);
  await store.remove({});
  expect(await changes()).toMatchObject({ records: [], isComplete: false });
});

test('a cursor that was given after everything was removed is of use', async () => {
  const { store, changes } = await useStore([]);
  const { cursor } = await store.remove({});
  expect((await changes()).isComplete).toBe(false);
  await store.put([record('a')]);
  const { records, isComplete } = await store.changes(cursor, 10);
  expect([records.map(({ id }) => id), isComplete]).toEqual([['a'], true]);
});

test('records and lines are exported whole, in chunks', async () => {
  const ids = Array.from({ length: 250 }, (_, at) => String(at));
  const store = new MemoryStore();
  await store.put(ids.map((id) => record(id, 'x'.repeat(1_000))));
  const chunks: string[][] = [];
  for await (const chunk of store.export({})) chunks.push(chunk.map(({ id }) => id));
  expect(chunks.map((chunk) => chunk.length)).toEqual([100, 100, 50]);
  expect(chunks.flat()).toEqual(ids);
  const lines: string[] = [];
  const lengths: number[] = [];
  for await (const { length, bytes } of store.exportLines({})) {
    lengths.push(length);
    lines.push(...Buffer.from(bytes).toString().split('\n').slice(0, -1));
  }
  expect(lengths.length).toBeGreaterThan(2);
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(250);
  expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(ids);
});

test('an export that is read slowly goes on where it was after the table has closed up', async () => {
  const ids = Array.from({ length: 9_000 }, (_, at) => String(at));
  const store = new MemoryStore();
  await store.put(ids.map((id) => record(id)));
  const read: string[] = [];
  for await (const chunk of store.export({})) {
    read.push(...chunk.map(({ id }) => id));
    if (read.length === 8_000) await store.remove({ ids: ids.slice(0, 8_000) });
  }
  expect(read).toEqual(ids);
});

test('what is evicted is counted, since the first time', async () => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
  try {
    const { store } = await useStore(['a', 'b'], { maxRecords: 2 });
    expect(await store.usage()).not.toHaveProperty('evictedSince');
    await store.put([record('c')]);
    vi.setSystemTime(2_000_000);
    await store.put([record('d')]);
    expect(await store.usage()).toMatchObject({
      evicted: 2,
      evictedSince: new Date(1_000_000).toISOString(),
    });
    expect(await idsOf(store)).toEqual(['c', 'd']);
  } finally {
    vi.useRealTimers();
  }
});

test('records that were erased are refused and counted', async () => {
  const { store } = await useStore(['a', 'b']);
  await store.erase({ ids: ['a'], keys: [recordKey('a')] });
  expect(await idsOf(store)).toEqual(['b']);
  await store.put([record('a'), record('c')]);
  expect(await idsOf(store)).toEqual(['b', 'c']);
  expect((await store.usage()).refused).toBe(1);
  expect(await store.erased(['a', 'b'])).toEqual(new Set(['a']));
});

test('the records of a trace are found among the last thousand', async () => {
  const store = new MemoryStore();
  const trace = 'f'.repeat(32);
  await store.put([record(`${trace}-0`)]);
  await store.put(Array.from({ length: 999 }, (_, at) => record(String(at))));
  expect(await store.recentInTraces([trace])).toEqual([`${trace}-0`]);
  await store.put([record('one more'), record(`${trace}-1`)]);
  expect(await store.recentInTraces([trace])).toEqual([`${trace}-1`]);
});

test('a document has versions that ascend, and is a copy of what was given', async () => {
  const documents = new MemoryDocuments();
  const value = { list: [1] };
  const first = await documents.put({ kind: 'k', name: 'n', value });
  value.list.push(2);
  expect((await documents.get('k', 'n'))?.value).toEqual({ list: [1] });
  const second = await documents.put({ kind: 'k', name: 'n', value }, first.version);
  expect(second.version).toBeGreaterThan(first.version);
  await expect(documents.put({ kind: 'k', name: 'n', value }, first.version)).rejects.toThrow();
  await expect(documents.delete('k', 'n', first.version)).rejects.toThrow();
  expect(await documents.delete('k', 'n')).toBe(true);
  expect(await documents.get('k', 'n')).toBeUndefined();
  expect(await documents.delete('k', 'n')).toBe(false);
  const third = await documents.put({ kind: 'k', name: 'n', value });
  expect(third.version).toBeGreaterThan(second.version);
});

test('versions of a document ascend within a millisecond, and when the clock is set back', async () => {
  vi.useFakeTimers({ now: 2_000_000, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const documents = new MemoryDocuments();
  const put = async () => (await documents.put({ kind: 'k', name: 'n', value: 1 })).version;
  const versions = [await put(), await put()];
  vi.setSystemTime(1_000_000);
  expect([...versions, await put()]).toEqual([2_000_000, 2_000_001, 2_000_002]);
});

test('records that others supersede go in the same change, but for those that are put themselves', async () => {
  const { store, watcher, changes } = await useStore(['a', 'b', 'c']);
  const { removed } = await store.put([record('d'), record('b', 'again')], ['a', 'b', 'none']);
  expect(removed).toEqual(['a']);
  expect(await idsOf(store)).toEqual(['b', 'c', 'd']);
  const { records, removed: gone } = await changes();
  expect([records.map(({ id }) => id), gone]).toEqual([['b', 'd'], ['a']]);
  expect(watcher).toHaveBeenCalled();
});

test('a removal alone is a change of its own, which watchers are told of', async () => {
  const { store, watcher } = await useStore(['a', 'b']);
  const before = await store.changes(undefined, 100);
  await store.put([], ['a']);
  await vi.waitUntil(() => watcher.mock.calls.length > 0, 15_000);
  const { removed, cursor } = await store.changes(before.cursor, 100);
  expect([removed, cursor === before.cursor]).toEqual([['a'], false]);
});

test('records become searchable some time after they were put, and a search that comes earlier finds them as well', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { store } = await useStore(['a', 'b']);
  const found = (text: string): Promise<readonly string[]> => idsOf(store, { terms: [{ text }] });
  await store.put([record('c', 'Early Bird'), record('d', 'early riser')]);
  expect(await found('early')).toEqual(['c', 'd']);
  await store.put([record('d', 'LATE riser'), record('e', 'Late\nBird')]);
  await store.remove({ ids: ['c'] });
  expect(vi.getTimerCount()).toBe(1);
  await vi.runAllTimersAsync();
  expect(vi.getTimerCount()).toBe(0);
  expect([await found('early'), await found('late'), await found('bird')]).toEqual([[], ['d', 'e'], ['e']]);
  expect((await getOne(store, 'e'))?.properties).toEqual(record('e').properties);
  expect(await getOne(store, 'e')).toMatchObject({ prompt: 'Late\nBird' });
  await store.put([record('f')]);
  expect(vi.getTimerCount()).toBe(1);
  await store.close();
  expect(vi.getTimerCount()).toBe(0);
});
