import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DOCUMENT_KINDS } from '../../../src/server/model/privacy/document-kinds.js';
import { openFileStore, type NewRecord, type RecordStore } from '../../../src/server/index.js';
import { AuditLog } from '../../../src/server/privacy/audit-log.js';
import { KINDS_NAMED_BY_ID } from '../../../src/server/privacy/erased-documents.js';
import { Eraser } from '../../../src/server/privacy/eraser.js';
import { useFolder } from '../../support/use-folder.js';
import { numbered } from '../engines/stored.js';

async function useNoted() {
  const file = join(await useFolder(), 'records.jsonl');
  const store: RecordStore = await openFileStore({ file });
  onTestFinished(() => store.close());
  const record = (id: string, userId: string, threadId: string): NewRecord => ({
    ...numbered(1),
    id,
    userId,
    threadId,
  });
  await store.put([
    record('a1', 'ada', 'alone'),
    record('a2', 'ada', 'shared'),
    record('b1', 'bob', 'shared'),
  ]);
  const put = (kind: string, name: string, value: NewRecord['properties'][string]) =>
    store.documents.put({ kind, name, value });
  await put('note', 'ada', 'called twice');
  await put('note', 'a1', 'wrong answer to ada');
  await put('note', 'b1', 'fine');
  await put('state', 'alone', 'done');
  await put('state', 'shared', 'needs review');
  await put('dataset', 'gold', {
    about: 'ada',
    items: [
      { recordId: 'a1', prompt: 'a question of ada' },
      { recordId: 'b1', prompt: 'a question of bob', label: 'a1' },
      { prompt: 'typed in', userId: 'ada' },
    ],
  });
  await put('dataset', 'ids', ['a2', 'b1']);
  await put('dataset', 'other', [{ recordId: 'b1' }]);
  const eraser = new Eraser({ store, audit: new AuditLog(store.documents) });
  const names = async (kind: string) => (await store.documents.list(kind)).map(({ name }) => name);
  const valueOf = async (name: string) => (await store.documents.get('dataset', name))?.value;
  return { store, eraser, names, valueOf, file };
}

const BY = { access: 'open' } as const;

test('who is forgotten leaves notes, states and data sets, and the file', async () => {
  const { eraser, names, valueOf, file, store } = await useNoted();
  const version = (await store.documents.get('dataset', 'other'))?.version;
  await eraser.forget(['ada'], BY);
  expect(await names('note')).toEqual(['b1']);
  // The conversation has records of somebody else.
  expect(await names('state')).toEqual(['shared']);
  expect(await valueOf('gold')).toEqual({
    about: 'ada',
    items: [{ recordId: 'b1', prompt: 'a question of bob', label: 'a1' }],
  });
  expect(await valueOf('ids')).toEqual(['b1']);
  expect((await store.documents.get('dataset', 'other'))?.version).toBe(version);
  const text = readFileSync(file, 'utf8');
  for (const gone of ['called twice', 'wrong answer to ada', 'a question of ada', 'typed in'])
    expect(text).not.toContain(gone);
});

test('a deleted record leaves them as well', async () => {
  const { eraser, names, valueOf } = await useNoted();
  await eraser.deleteRecord('a1', BY);
  expect(await names('note')).toEqual(['ada', 'b1']);
  expect(await names('state')).toEqual(['shared']);
  expect(await valueOf('ids')).toEqual(['a2', 'b1']);
  expect(await valueOf('gold')).toMatchObject({ items: [{ recordId: 'b1' }, { prompt: 'typed in' }] });
});

test('every kind of documents that is named by an id is known to the deletion', () => {
  const named = Object.entries(DOCUMENT_KINDS).flatMap(([kind, by]) => (by === 'id' ? [kind] : []));
  expect(named.toSorted()).toEqual([...KINDS_NAMED_BY_ID].toSorted());
});

test('after the deletion of all records no document says anything of one, and the others are there', async () => {
  const { eraser, names, valueOf, store } = await useNoted();
  await store.documents.put({ kind: 'view', name: 'errors', value: 'error=true' });
  await eraser.deleteAll(BY);
  expect([await names('note'), await names('state'), await names('view')]).toEqual([[], [], ['errors']]);
  expect(await valueOf('gold')).toEqual({ about: 'ada', items: [] });
  expect([await valueOf('ids'), await valueOf('other')]).toEqual([[], []]);
});
