import { expect, onTestFinished, test, vi } from 'vitest';
import type { Engine } from './engine.js';
import { numbered, useStore } from './stored.js';

/** What every engine has to tell of the changes to its records. */
export function checkChanges(engine: Engine): void {
  test(`${engine.name}: changes since a cursor are the records that are new or were replaced since`, async () => {
    const store = await useStore(engine);
    const { cursor } = await store.put([numbered(1), numbered(2)]);
    const nothing = { records: [], removed: [], isComplete: true, cursor };
    expect(await store.changes(undefined, 10)).toEqual(nothing);
    expect(await store.changes(cursor, 10)).toEqual(nothing);
    await store.put([{ ...numbered(1), prompt: 'once' }, numbered(3)]);
    const put = await store.put([{ ...numbered(1), prompt: 'again' }]);
    const changes = await store.changes(cursor, 10);
    expect(changes).toMatchObject({ isComplete: true, removed: [], cursor: put.cursor });
    expect(changes.records).toMatchObject([{ id: '1', prompt: 'again' }, { id: '3' }]);
    expect(await store.changes(cursor, 1)).toMatchObject({ isComplete: false, cursor: put.cursor });
  });

  test(`${engine.name}: changes since a cursor name the records that were removed since, unless they were put again`, async () => {
    const store = await useStore(engine);
    const { cursor } = await store.put([1, 2, 3].map((id) => numbered(id)));
    await store.remove({ ids: ['1', '2'] });
    const { cursor: latest } = await store.put([numbered(2)]);
    expect(await store.changes(cursor, 10)).toMatchObject({
      records: [{ id: '2' }],
      removed: ['1'],
      isComplete: true,
      cursor: latest,
    });
    expect(await store.changes(cursor, 1)).toMatchObject({ isComplete: false });
  });

  test(`${engine.name}: changes are incomplete once everything was removed, or when there are too many`, async () => {
    const store = await useStore(engine, { maxRecords: 10 });
    const { cursor } = await store.put([numbered(1)]);
    const cleared = await store.remove({});
    expect(await store.changes(cursor, 10)).toMatchObject({ isComplete: false, cursor: cleared.cursor });
    const again = await store.remove({});
    expect(again.cursor).not.toBe(cleared.cursor);
    expect(await store.changes(again.cursor, 10)).toMatchObject({ isComplete: true, records: [] });
    for (let id = 0; id < 30_000; id += 1000)
      await store.put(Array.from({ length: 1000 }, (_, index) => numbered(id + index)));
    const far = await store.changes(again.cursor, 100_000);
    // Whatever is left out is not claimed to be complete.
    expect(far.isComplete ? far.records.length : 10).toBe(10);
    expect(await store.changes(far.cursor, 10)).toMatchObject({ isComplete: true, records: [] });
  });

  test(`${engine.name}: a watcher is called after each kind of change, and no more once it has stopped`, async () => {
    const store = await useStore(engine);
    let calls = 0;
    const stop = store.watch(() => calls++);
    onTestFinished(stop);
    const expectCall = async (change: () => Promise<unknown>): Promise<void> => {
      const before = calls;
      await change();
      await vi.waitFor(() => expect(calls).toBeGreaterThan(before), { timeout: 5000 });
    };
    await expectCall(() => store.put([1, 2, 3].map((id) => numbered(id))));
    await expectCall(() => store.put([{ ...numbered(1), prompt: 'again' }]));
    await expectCall(() => store.remove({ ids: ['1'] }));
    await expectCall(() => store.erase({ ids: ['2'], keys: [] }));
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
    await vi.waitFor(() => expect(seen.size).toBe(100), { timeout: 5000 });
    await reading;
  });
}
