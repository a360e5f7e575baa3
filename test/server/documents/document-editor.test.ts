import { expect, test, vi } from 'vitest';
import type { PropertyValue } from '../../../src/records/model/prompt-record.js';
import { DOCUMENT_KINDS } from '../../../src/server/model/privacy/document-kinds.js';
import { DocumentEditor } from '../../../src/server/documents/document-editor.js';
import { MemoryDocuments } from '../../../src/server/engines/memory/memory-documents.js';
import { NOT_STORED } from '../../../src/server/index.js';
import { AuditLog } from '../../../src/server/privacy/audit-log.js';

const BY = { access: 'open' } as const;

function editing() {
  const documents = new MemoryDocuments();
  const audit = new AuditLog(documents);
  const outcomes = async (): Promise<readonly string[]> =>
    (await audit.list(10, {})).entries.map(({ action, outcome }) => `${action} ${outcome}`);
  return { documents, audit, editor: new DocumentEditor(documents, audit), outcomes };
}

function nested(depth: number): PropertyValue {
  let value: PropertyValue = 1;
  for (let level = 1; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

test('the kinds that the server keeps for itself can neither be read nor changed', async () => {
  const { editor, outcomes } = editing();
  for (const kind of [
    'audit',
    'audit-edits',
    'audit-key',
    'rejections',
    '__proto__',
    'constructor',
    '',
    'View',
  ]) {
    const refused = { name: 'DocumentRefusedError', reason: 'kind' };
    await expect(editor.list(kind)).rejects.toMatchObject(refused);
    await expect(editor.get(kind, 'key')).rejects.toMatchObject(refused);
    await expect(editor.put({ kind, name: 'key', value: 1 }, BY)).rejects.toMatchObject(refused);
    await expect(editor.delete(kind, 'key', BY)).rejects.toMatchObject(refused);
  }
  expect(await outcomes()).toEqual([]);
});

test('each kind is written, read, listed and deleted, and each change is in the audit log', async () => {
  for (const kind of Object.keys(DOCUMENT_KINDS)) {
    const { editor, outcomes } = editing();
    expect(await editor.put({ kind, name: 'a', value: null }, BY)).toMatchObject({ isNew: true });
    const { document, isNew } = await editor.put({ kind, name: 'a', value: [1] }, BY);
    expect(isNew).toBe(false);
    expect(await editor.get(kind, 'a')).toEqual(document);
    expect(await editor.list(kind)).toEqual([document]);
    expect(await editor.delete(kind, 'a', BY)).toBe(true);
    expect(await editor.delete(kind, 'a', BY)).toBe(false);
    expect(await outcomes()).toEqual(['delete_document done', 'edit_document done', 'edit_document done']);
  }
});

test('a change that comes too late changes nothing, and leaves no entry in the audit log', async () => {
  const { editor, outcomes } = editing();
  const { document } = await editor.put({ kind: 'view', name: 'a', value: 1 }, BY, NOT_STORED);
  const conflict = { name: 'VersionConflictError', version: document.version };
  await expect(editor.put({ kind: 'view', name: 'a', value: 2 }, BY, NOT_STORED)).rejects.toMatchObject(
    conflict,
  );
  await expect(editor.delete('view', 'a', BY, document.version - 1)).rejects.toMatchObject(conflict);
  await expect(editor.delete('view', 'b', BY, document.version)).rejects.toMatchObject({
    version: NOT_STORED,
  });
  expect(await editor.list('view')).toEqual([document]);
  expect(await outcomes()).toEqual(['edit_document done']);
});

test('the audit log has the version that a change has made, or deleted', async () => {
  const { editor, audit } = editing();
  const { document: first } = await editor.put({ kind: 'view', name: 'a', value: 1 }, BY);
  const { document: second } = await editor.put({ kind: 'view', name: 'a', value: 2 }, BY);
  await editor.delete('view', 'a', BY);
  const { entries } = await audit.list(10, {});
  expect(entries.map(({ version }) => version)).toEqual([second.version, second.version, first.version]);
});

test('a change between the look and the write is a conflict as well', async () => {
  const { editor, documents } = editing();
  const { document } = await editor.put({ kind: 'view', name: 'a', value: 1 }, BY);
  const latest = await documents.put({ kind: 'view', name: 'a', value: 'of another server' });
  vi.spyOn(documents, 'get').mockResolvedValue(document);
  const conflict = { name: 'VersionConflictError', version: latest.version };
  const { version } = document;
  await expect(editor.put({ kind: 'view', name: 'a', value: 2 }, BY, version)).rejects.toMatchObject(
    conflict,
  );
  await expect(editor.delete('view', 'a', BY, version)).rejects.toMatchObject(conflict);
  expect(await documents.list('view')).toEqual([latest]);
});

test('a change that the engine refuses is in the audit log as failed', async () => {
  const { editor, documents, outcomes } = editing();
  await editor.put({ kind: 'view', name: 'a', value: 1 }, BY);
  const put = documents.put.bind(documents);
  vi.spyOn(documents, 'put').mockImplementation((document, expected) =>
    document.kind === 'view' ? Promise.reject(new Error('disk full')) : put(document, expected),
  );
  vi.spyOn(documents, 'delete').mockRejectedValue(new Error('disk full'));
  await expect(editor.put({ kind: 'view', name: 'a', value: 2 }, BY)).rejects.toThrow('disk full');
  await expect(editor.delete('view', 'a', BY)).rejects.toThrow('disk full');
  expect((await outcomes()).slice(0, 2)).toEqual(['delete_document failed', 'edit_document failed']);
});

test('without an entry in the audit log, nothing is changed', async () => {
  const { editor, documents } = editing();
  await editor.put({ kind: 'view', name: 'a', value: 1 }, BY);
  vi.spyOn(documents, 'put').mockRejectedValue(new Error('disk full'));
  await expect(editor.delete('view', 'a', BY)).rejects.toThrow('disk full');
  expect(await documents.get('view', 'a')).toBeDefined();
});

test.each(['', 'a\nb', 'a\u0000', '\u0085', '\ud800', 'a\udc00b', 'x'.repeat(257)])(
  'the name %j is refused',
  async (name) => {
    const { editor } = editing();
    await expect(editor.put({ kind: 'view', name, value: 1 }, BY)).rejects.toMatchObject({ reason: 'name' });
  },
);

test.each(['.', '..', '__proto__', 'a/b', 'Größe 😀', 'x'.repeat(256), '%2F', ' '])(
  'the name %j is kept as it is',
  async (name) => {
    const { editor } = editing();
    await editor.put({ kind: 'note', name, value: 1 }, BY);
    expect(await editor.get('note', name)).toMatchObject({ name });
  },
);

test('values are bounded in size and depth, at the limit exactly', async () => {
  const { editor } = editing();
  const put = (value: PropertyValue) => editor.put({ kind: 'view', name: 'a', value }, BY);
  await put(nested(32));
  await expect(put(nested(33))).rejects.toMatchObject({ reason: 'value' });
  await expect(put(nested(5000))).rejects.toMatchObject({ reason: 'value' });
  await put('ä'.repeat(128 * 1024 - 1));
  await expect(put('ä'.repeat(128 * 1024))).rejects.toMatchObject({ reason: 'too_large' });
});

test('there are at most ten thousand documents of a kind, and those can still be changed', async () => {
  const { editor, documents } = editing();
  for (let index = 0; index < 9_999; index += 1)
    await documents.put({ kind: 'note', name: String(index), value: 1 });
  await editor.put({ kind: 'note', name: 'last', value: 1 }, BY);
  const more = { kind: 'note', name: 'more', value: 1 };
  await expect(editor.put(more, BY)).rejects.toMatchObject({ reason: 'too_many' });
  await editor.put({ ...more, kind: 'state' }, BY);
  await editor.put({ kind: 'note', name: 'last', value: 2 }, BY);
  await editor.delete('note', '0', BY);
  await editor.put(more, BY);
});
