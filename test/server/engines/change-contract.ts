import { expect, onTestFinished, test, vi } from 'vitest';
import type { Engine } from './engine.js';
import { numbered, useStore } from './stored.js';
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
