import { expect, onTestFinished, test, vi } from 'vitest';
import type { Engine } from './engine.js';
import type { StoredRecord } from '../../../src/server/index.js';
import { exported, numbered, useStore } from './stored.js';
import { eventually } from '../../support/eventually.js';

/** What every engine has to tell of the changes to its records. */
export function checkChanges(engine: Engine): void {
  test(`${engine.name}: changes since a cursor are the records that are new or were replaced since`, async () => {
    const store = await useStore(engine);
    const { cursor } = await store.put([numbered(1), numbered(2)]);
    const nothing = { records: [], removed: [], isComplete: true };
    expect(await store.changes(undefined, 10)).toMatchObject(nothing);
    expect(await store.changes(cursor, 10)).toMatchObject(nothing);
    await store.put([{ ...numbered(1), prompt: 'once' }, numbered(3)]);
    await store.put([{ ...numbered(1), prompt: 'again' }]);
    const changes = await store.changes(cursor, 10);
    expect(changes).toMatchObject({ isComplete: true, removed: [] });
    expect(changes.records).toMatchObject([{ id: '1', prompt: 'again' }, { id: '3' }]);
    expect(await store.changes(changes.cursor, 10)).toMatchObject(nothing);
    expect(await store.changes(cursor, 1)).toMatchObject({ isComplete: false });
  });

  test(`${engine.name}: changes since a cursor name the records that were removed since, unless they were put again`, async () => {
    const store = await useStore(engine);
    const { cursor } = await store.put([1, 2, 3].map((id) => numbered(id)));
    await store.remove({ ids: ['1', '2'] });
    await store.put([numbered(2)]);
    expect(await store.changes(cursor, 10)).toMatchObject({
      records: [{ id: '2' }],
      removed: ['1'],
      isComplete: true,
    });
    expect(await store.changes(cursor, 1)).toMatchObject({ isComplete: false });
  });

  test(`${engine.name}: a copy that follows pages of changes has what the store has, whatever happens in between`, async () => {
    const store = await useStore(engine);
    const copy = new Map<string, unknown>();
    let cursor = (await store.changePage?.(undefined, 2))?.cursor;
    let pages = 0;
    const follow = async (): Promise<void> => {
      for (let hasMore = true; hasMore; pages++) {
        const page = await store.changePage?.(cursor, 2);
        expect(page).toMatchObject({ isComplete: true });
        for (const record of page?.records ?? []) copy.set(record.id, record);
        for (const id of page?.removed ?? []) copy.delete(id);
        ({ cursor, hasMore = false } = page ?? {});
      }
    };
    const isSame = async (): Promise<void> => {
      await follow();
      expect([...copy.values()].sort(bySeq)).toEqual(await exported(store));
    };
    await store.put([1, 2, 3, 4, 5].map((id) => numbered(id)));
    await eventually(isSame);
    await store.remove({ ids: ['2', '4'] });
    await store.put([{ ...numbered(1), prompt: 'again' }, numbered(4), numbered(6)]);
    // To another day, which is another row of a database.
    await store.put([{ ...numbered(3), timestamp: '2026-03-03T00:00:00.000Z' }]);
    await store.remove({ ids: ['6'] });
    await eventually(isSame);
    expect([...copy.keys()].sort()).toEqual(['1', '3', '4', '5']);
    expect(pages).toBeGreaterThan(4);
    const before = cursor;
    await follow();
    expect((await store.changePage?.(before, 10))?.records).toEqual([]);
    await expect(store.changePage?.('nonsense', 10)).rejects.toThrow(/cursor is none of this server/);
  });

  test(`${engine.name}: changes are incomplete once everything was removed, or when there are too many`, async () => {
    const store = await useStore(engine, { maxRecords: 10 });
    const { cursor } = await store.put([numbered(1)]);
    const again = await store.remove({});
    const cleared = await store.changes(cursor, 10);
    expect(cleared.isComplete ? cleared.removed : ['1']).toEqual(['1']);
    expect(await store.changes(again.cursor, 10)).toMatchObject({ isComplete: true, records: [] });
    // More than the engines in memory remember.
    const many = engine.isBounded ? 30_000 : 3000;
    for (let id = 0; id < many; id += 1000)
      await store.put(Array.from({ length: 1000 }, (_, index) => numbered(id + index)));
    const seen = new Set<string>();
    let [cursorOfReader, isComplete] = [again.cursor, true];
    // Nothing is left out that is claimed to be complete. While many records arrive, an engine may tell of them later.
    const readOn = async (): Promise<void> => {
      const changes = await store.changes(cursorOfReader, 100_000);
      cursorOfReader = changes.cursor;
      isComplete &&= changes.isComplete;
      for (const { id } of changes.records) seen.add(id);
      expect(isComplete ? seen.size : 0).toBe(isComplete ? (engine.isBounded ? 10 : many) : 0);
    };
    await vi.waitFor(readOn, { timeout: 15_000, interval: 500 });
    expect(await store.changes(cursorOfReader, 10)).toMatchObject({ isComplete: true, records: [] });
  });

  test(`${engine.name}: a watcher is called after each kind of change, and no more once it has stopped`, async () => {
    const store = await useStore(engine);
    let calls = 0;
    const stop = store.watch(() => calls++);
    onTestFinished(stop);
    const expectCall = async (change: () => Promise<unknown>): Promise<void> => {
      const before = calls;
      await change();
      await eventually(() => expect(calls).toBeGreaterThan(before));
    };
    await expectCall(() => store.put([1, 2, 3].map((id) => numbered(id))));
    await expectCall(() => store.put([{ ...numbered(1), prompt: 'again' }]));
    await expectCall(() => store.remove({ ids: ['1'] }));
    await expectCall(() => store.erase({ ids: ['2'], keys: [] }));
    await expectCall(() => store.put([], ['3']));
    await expectCall(() => store.remove({}));
    stop();
    const stopped = calls;
    await store.put([numbered(4)]);
    expect(calls).toBe(stopped);
  });

  test(`${engine.name}: a watcher that reads the changes after each call misses none of them`, async () => {
    const store = await useStore(engine);
    let { cursor } = await store.changes(undefined, 0);
    const seen = new Set<string>();
    let reading = Promise.resolve();
    const read = async (): Promise<void> => {
      const changes = await store.changes(cursor, 1000);
      ({ cursor } = changes);
      for (const { id } of changes.records) seen.add(id);
    };
    onTestFinished(
      store.watch(() => {
        reading = reading.then(read);
      }),
    );
    await Promise.all(Array.from({ length: 50 }, (_, id) => store.put([numbered(id), numbered(id + 50)])));
    await eventually(() => expect(seen.size).toBe(100));
    await reading;
  });
}

function bySeq(a: unknown, b: unknown): number {
  return (a as StoredRecord).seq - (b as StoredRecord).seq;
}
