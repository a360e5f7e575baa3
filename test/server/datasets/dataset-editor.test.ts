import { expect, onTestFinished, test, vi } from 'vitest';
import { DatasetEditor } from '../../../src/server/datasets/dataset-editor.js';
import { exportDataset } from '../../../src/server/datasets/read-datasets.js';
import { toDataset } from '../../../src/server/datasets/dataset.js';
import { DocumentEditor } from '../../../src/server/documents/document-editor.js';
import { MemoryStore, VersionConflictError } from '../../../src/server/index.js';
import { AuditLog } from '../../../src/server/privacy/audit-log.js';
import { numbered } from '../engines/stored.js';

const BY = { access: 'open' } as const;

async function useDatasets(count: number) {
  const store = new MemoryStore();
  await store.put(Array.from({ length: count }, (_, id) => numbered(id)));
  const documents = new DocumentEditor(store.documents, new AuditLog(store.documents));
  const stored = async (name: string) => (await store.documents.get('dataset', name))?.value;
  return { store, documents, editor: new DatasetEditor(store, documents), stored };
}

test('the time at which an answer was added first stays, and a correction that is taken away leaves nothing', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 3) });
  onTestFinished(() => void vi.useRealTimers());
  const { editor, stored } = await useDatasets(2);
  await editor.add('gold', [{ recordId: '1', correctedAnswer: 'Better.' }], BY);
  vi.setSystemTime(Date.UTC(2026, 0, 4));
  const dataset = await editor.add('gold', [{ recordId: '1', correctedAnswer: '' }, { recordId: '0' }], BY);
  const items = [
    { recordId: '1', userId: 'user-1', addedAt: '2026-01-03T00:00:00.000Z' },
    { recordId: '0', userId: 'user-0', addedAt: '2026-01-04T00:00:00.000Z' },
  ];
  expect([dataset.items, await stored('gold')]).toEqual([items, { items }]);
});

test('what two people add at the same time is all there', async () => {
  const { editor, stored } = await useDatasets(2);
  await Promise.all(['0', '1'].map((recordId) => editor.add('gold', [{ recordId }], BY)));
  expect(await stored('gold')).toMatchObject({ items: [{ recordId: '0' }, { recordId: '1' }] });
});

test('taking records out of a data set that nobody made does not make it', async () => {
  const { editor, stored } = await useDatasets(1);
  expect([await editor.remove('gold', new Set(['0']), BY), await stored('gold')]).toEqual([
    undefined,
    undefined,
  ]);
});

test.each([
  ['after a conflict five times', new VersionConflictError({ kind: 'dataset', name: 'gold' }, 2), 5],
  ['after any other error once', new Error('The disk is full'), 1],
])('a change is tried %s', async (_, error, times) => {
  const { editor, documents } = await useDatasets(1);
  const put = vi.spyOn(documents, 'put').mockRejectedValue(error);
  await expect(editor.add('gold', [{ recordId: '0' }], BY)).rejects.toBe(error);
  expect(put).toHaveBeenCalledTimes(times);
});

test('an export has each example once, in order, and nothing of what is no example', async () => {
  const { store } = await useDatasets(250);
  // Of these, one was not answered and one is not stored, and nothing is left of the last batch.
  await store.put([{ ...numbered(7), generation: '' }]);
  await store.remove({ ids: ['8', ...Array.from({ length: 50 }, (_, at) => String(200 + at))] });
  const dataset = toDataset({
    kind: 'dataset',
    name: 'gold',
    version: 1,
    updatedAt: '',
    value: { items: Array.from({ length: 250 }, (_, at) => ({ recordId: String(at) })) },
  });
  const lines: string[] = [];
  const lengths: number[] = [];
  for await (const { length, bytes } of exportDataset(store, dataset, 'openai')) {
    lengths.push(length);
    lines.push(...Buffer.from(bytes).toString().trimEnd().split('\n'));
  }
  expect(lengths).toEqual([98, 100]);
  const asked = lines.map(
    (line) => (JSON.parse(line) as { messages: { content: string }[] }).messages[0]?.content,
  );
  expect(asked).toEqual(
    Array.from({ length: 200 }, (_, at) => `p${at}`).filter((text) => text !== 'p7' && text !== 'p8'),
  );
});
