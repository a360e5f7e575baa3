import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Engine } from './engine.js';
import { idsOf, numbered, useStore } from './stored.js';

/** What every engine has to do with records that others take the place of. */
export function checkSuperseded(engine: Engine): void {
  test(`${engine.name}: records are stored and those that they supersede are removed in one operation, which the changes tell`, async () => {
    const store = await useStore(engine);
    const { cursor } = await store.put([1, 2, 3].map((id) => numbered(id)));
    const put = await store.put([numbered(4)], ['1', 'nobody', '3']);
    expect(put.records).toMatchObject([{ id: '4' }]);
    expect([...put.removed].sort()).toEqual(['1', '3']);
    expect(await idsOf(store)).toEqual(['2', '4']);
    expect((await store.list({}, { limit: 10 })).total).toBe(2);
    const changes = await store.changes(cursor, 10);
    expect(changes).toMatchObject({ records: [{ id: '4' }], isComplete: true });
    expect([...changes.removed].sort()).toEqual(['1', '3']);
    expect(await store.changes(put.cursor, 10)).toMatchObject({ records: [], removed: [] });
  });

  test(`${engine.name}: a record that is put itself is not superseded, and without records superseded ones are removed`, async () => {
    const store = await useStore(engine);
    expect((await store.put([numbered(1), numbered(2)])).removed).toEqual([]);
    const again = await store.put([{ ...numbered(1), prompt: 'again' }], ['1']);
    expect([again.records, again.removed]).toMatchObject([[{ id: '1', prompt: 'again' }], []]);
    expect(await store.put([], ['1', 'nobody'])).toMatchObject({ records: [], removed: ['1'] });
    expect(await store.put([], ['1'])).toMatchObject({ records: [], removed: [] });
    expect(await idsOf(store)).toEqual(['2']);
    // What was superseded is not erased.
    await store.put([numbered(1)]);
    expect(await idsOf(store)).toEqual(['2', '1']);
  });

  test(`${engine.name}: whatever is put and superseded one after the other or at once, what was said last counts`, async () => {
    const id = fc.nat(5).map(String);
    const step = fc.record({
      ids: fc.uniqueArray(id, { maxLength: 3 }),
      superseded: fc.uniqueArray(id, { maxLength: 3 }),
      isAwaited: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const store = await engine.open();
        const expected = new Set<string>();
        const pending: Promise<unknown>[] = [];
        for (const { ids, superseded, isAwaited } of steps) {
          const put = store.put(
            ids.map((one) => numbered(Number(one))),
            superseded,
          );
          pending.push(put);
          if (isAwaited) await put;
          for (const one of superseded) expected.delete(one);
          for (const one of ids) expected.add(one);
        }
        await Promise.all(pending);
        expect((await idsOf(store)).sort()).toEqual([...expected].sort());
        await store.close();
      }),
      { numRuns: engine.runs },
    );
  });
}
