import { expect, test } from 'vitest';
import { NOT_STORED } from '../../../src/server/index.js';
import type { Engine } from './engine.js';
import { idsOf, numbered, useStore } from './stored.js';

/** What every engine has to promise for small documents. */
export function checkDocuments(engine: Engine): void {
  const view = (value: string) => ({ kind: 'view', name: 'mine', value: { query: value, list: [1, null] } });
  const conflict = { name: 'VersionConflictError' };

  test(`${engine.name}: a document is what was put last under its kind and name`, async () => {
    const { documents } = await useStore(engine);
    expect(await documents.get('view', 'mine')).toBeUndefined();
    const first = await documents.put(view('a'));
    expect(first).toMatchObject(view('a'));
    expect(Date.parse(first.updatedAt)).toBeGreaterThan(0);
    const second = await documents.put(view('b'));
    expect(second.version).toBeGreaterThan(first.version);
    expect(await documents.get('view', 'mine')).toEqual(second);
    expect(await documents.get('note', 'mine')).toBeUndefined();
  });

  test(`${engine.name}: documents are listed by kind, in the order of their names`, async () => {
    const { documents } = await useStore(engine);
    for (const name of ['b', 'ä', 'B', 'a', '__proto__', 'constructor'])
      await documents.put({ kind: 'view', name, value: name });
    await documents.put({ kind: '__proto__', name: 'x', value: 1 });
    const names = (await documents.list('view')).map(({ name }) => name);
    expect(names).toEqual(['B', '__proto__', 'a', 'b', 'constructor', 'ä']);
    expect(await documents.list('__proto__')).toMatchObject([{ value: 1 }]);
    expect(await documents.list('nothing')).toEqual([]);
  });

  test(`${engine.name}: documents are counted by kind, once however often they were written`, async () => {
    const { documents } = await useStore(engine);
    for (const name of ['a', 'b', 'c', 'a']) await documents.put({ kind: 'view', name, value: 1 });
    await documents.put({ kind: 'note', name: 'a', value: 1 });
    await documents.delete('view', 'b');
    expect(await Promise.all(['view', 'note', 'rule'].map((kind) => documents.count(kind)))).toEqual([
      2, 1, 0,
    ]);
  });

  test(`${engine.name}: a document that was changed meanwhile is neither replaced nor deleted`, async () => {
    const { documents } = await useStore(engine);
    const first = await documents.put(view('a'), NOT_STORED);
    await expect(documents.put(view('b'), NOT_STORED)).rejects.toMatchObject({
      ...conflict,
      version: first.version,
    });
    const second = await documents.put(view('b'), first.version);
    await expect(documents.put(view('c'), first.version)).rejects.toMatchObject(conflict);
    await expect(documents.delete('view', 'mine', first.version)).rejects.toMatchObject(conflict);
    expect(await documents.get('view', 'mine')).toEqual(second);
    expect(await documents.delete('view', 'mine', second.version)).toBe(true);
    expect(await documents.delete('view', 'mine')).toBe(false);
    await expect(documents.put(view('d'), second.version)).rejects.toMatchObject({
      ...conflict,
      version: NOT_STORED,
    });
    // Written again, it has none of its earlier versions.
    expect((await documents.put(view('e'))).version).toBeGreaterThan(second.version);
  });

  test(`${engine.name}: of writers who have read the same version, one succeeds`, async () => {
    const { documents } = await useStore(engine);
    const { version } = await documents.put(view('a'));
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, writer) => documents.put(view(String(writer)), version)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [winner] = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(await documents.get('view', 'mine')).toEqual(winner);
  });

  test(`${engine.name}: documents outlive the deletion of all records, and are no records`, async () => {
    const store = await useStore(engine);
    await store.put([numbered(1)]);
    const document = await store.documents.put(view('a'));
    expect([await idsOf(store), (await store.usage()).records]).toEqual([['1'], 1]);
    await store.remove({});
    expect(await store.documents.get('view', 'mine')).toEqual(document);
  });

  test(`${engine.name}: a document does not change with the value that was put`, async () => {
    const { documents } = await useStore(engine);
    const value = { list: [1] };
    await documents.put({ kind: 'view', name: 'mine', value });
    value.list.push(2);
    expect(await documents.get('view', 'mine')).toMatchObject({ value: { list: [1] } });
  });
}
