import { expect, test, vi } from 'vitest';
import { forgetFoundTopics, listTopics, topicQuery } from '../../../src/server/audience/topics.js';
import type { PropertyValue } from '../../../src/records/model/prompt-record.js';
import { MemoryDocuments } from '../../../src/server/engines/memory/memory-documents.js';

async function documentsWith(topics: Readonly<Record<string, PropertyValue>>): Promise<MemoryDocuments> {
  const documents = new MemoryDocuments();
  for (const [name, value] of Object.entries(topics)) await documents.put({ kind: 'topic', name, value });
  return documents;
}

const asked = (text: string) => ({ terms: [{ text, in: 'asked' }] });

test('topics are listed by id, with terms as they are searched, and those that cannot be read are left out', async () => {
  const documents = await documentsWith({
    a: { name: 'Tax', terms: ['VAT', ' Größe ', 7, ''] },
    b: { name: '', filters: ['error=true', 'tag=x'] },
    c: { name: 5, terms: ['one'], found: true },
    d: { terms: ['two'], found: 'yes' },
    'no list': { terms: 'one' },
    'no terms': { terms: [' ', 1] },
    'no object': ['one'],
    null: null,
    misspelt: { filters: ['tags=x'] },
    'too many': { terms: Array.from({ length: 51 }, (_, at) => `term ${at}`) },
    full: { terms: Array.from({ length: 50 }, (_, at) => `term ${at}`) },
  });
  const topics = await listTopics(documents);
  expect(topics.map(({ id, name, isFound, terms }) => [id, name, isFound, terms?.slice(0, 2)])).toEqual([
    ['a', 'Tax', false, ['vat', 'größe']],
    ['b', 'b', false, undefined],
    ['c', 'c', true, ['one']],
    ['d', 'd', false, ['two']],
    ['full', 'full', false, ['term 0', 'term 1']],
  ]);
  expect(await topicQuery(documents, 'a')).toEqual({ not: [{ not: [asked('vat'), asked('größe')] }] });
  expect(await topicQuery(documents, 'b')).toEqual({ not: [{ not: [{ errors: [true] }, { tags: ['x'] }] }] });
  for (const id of ['gone', 'null', 'no list', 'misspelt'])
    await expect(topicQuery(documents, id)).rejects.toMatchObject({ name: 'BadQueryError' });
});

test('an engine that fails is no topic that cannot be read', async () => {
  const documents = await documentsWith({ a: { terms: ['one'] } });
  vi.spyOn(documents, 'list').mockRejectedValue(new Error('down'));
  await expect(listTopics(documents)).rejects.toThrow('down');
});

test('topics that were found are forgotten, and own ones stay', async () => {
  const documents = await documentsWith({
    found: { terms: ['one'], found: true },
    'found as well': { terms: ['two'], found: true },
    own: { terms: ['three'] },
  });
  expect(await forgetFoundTopics(documents, ({ terms }) => terms?.includes('two') === true)).toBe(true);
  expect((await documents.list('topic')).map(({ name }) => name)).toEqual(['found', 'own']);
  expect(await forgetFoundTopics(documents)).toBe(true);
  expect((await documents.list('topic')).map(({ name }) => name)).toEqual(['own']);
  expect(await forgetFoundTopics(documents)).toBe(false);
});

test('a found topic that another server changes meanwhile is forgotten as it is then, and one that became somebody’s own stays', async () => {
  const documents = await documentsWith({
    changed: { terms: ['one'], found: true },
    gone: { terms: ['one'], found: true },
    taken: { terms: ['one'], found: true },
  });
  const remove = documents.delete.bind(documents);
  const changes: Record<string, () => unknown> = {
    changed: () => documents.put({ kind: 'topic', name: 'changed', value: { terms: ['two'], found: true } }),
    gone: () => remove('topic', 'gone'),
    taken: () => documents.put({ kind: 'topic', name: 'taken', value: { terms: ['one'], name: 'Ours' } }),
  };
  vi.spyOn(documents, 'delete').mockImplementation(async (kind, name, version) => {
    await changes[name]?.();
    delete changes[name];
    return remove(kind, name, version);
  });
  expect(await forgetFoundTopics(documents)).toBe(true);
  expect(await documents.list('topic')).toMatchObject([{ name: 'taken', value: { name: 'Ours' } }]);
});
