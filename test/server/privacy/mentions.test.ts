import { expect, test, vi } from 'vitest';
import { DOCUMENT_KINDS } from '../../../src/server/model/privacy/document-kinds.js';
import { MemoryStore, type NewRecord } from '../../../src/server/index.js';
import { AuditLog } from '../../../src/server/privacy/audit-log.js';
import { Eraser } from '../../../src/server/privacy/eraser.js';
import { createMentionTest } from '../../../src/server/privacy/mentions.js';
import { numbered } from '../engines/stored.js';

const isMention = createMentionTest(
  new Set(['ada', 'u7', '4711', 'ada@example.com', 'O+K (x)', 'bo+shop@example.com', 'internal']),
  new Set(['Ada Lovelace', 'Zoë', '王伟', '   ']),
);

test.each([
  'user=ada',
  'tag=x&not.user=ada',
  'user=u7&since=7d',
  'not.user=u7',
  '/people?user=ada%40example.com&show=active',
  'user=O%2BK+%28x%29',
  'prop.user_name=Ada+Lovelace',
  'q=lovelace ADA LOVELACE',
  'people like Ada, and Bob',
  'ada',
  'Ada-4711',
  'of ZOË alone',
  'of ZOE\u0308 alone',
  '请问王伟的订单',
  'see /?user=u7',
  'Ask ada? She knows',
  'x=O%2BK (x)',
  'Why? Write to bo+shop@example.com',
  'plan=pro for bo+shop@example.com',
  'user=bo+shop@example.com',
])('%j names a person who is forgotten', (text) => {
  expect(isMention(text)).toBe(true);
});

test.each([
  'user=ada-2',
  'user=Ada.Byron&not.user=u77',
  'canada',
  'adam',
  'u7',
  'tag=u7',
  '47110',
  '',
  'user=',
  'lovelace',
  'internal=show&tag=x',
  'One, two. Three?',
])('%j names nobody who is forgotten', (text) => {
  expect(isMention(text)).toBe(false);
});

/** Documents of every kind, of which some name Ada, by id or by name, and some name others. */
async function useDocuments() {
  const store = new MemoryStore();
  const record = (id: string, userId: string, properties: NewRecord['properties'] = {}): NewRecord => ({
    ...numbered(1),
    id,
    userId,
    threadId: `thread of ${id}`,
    properties,
  });
  await store.put([
    record('a1', 'ada-1', { user_name: 'Ada Lovelace' }),
    record('b1', 'bob', { user_name: 'Bob' }),
  ]);
  const alert = { measure: 'cost', window: '1d', above: 1 };
  for (const [kind, name, value] of [
    ['view', 'hers', { path: '/', query: 'user=ada-1' }],
    ['view', 'of others', { path: '/', query: 'user=ada-12' }],
    ['segment', 'pilots', { filters: ['tag=x', 'prop.plan=pro&user=ada-1'] }],
    ['segment', 'others', { filters: ['user=bob'] }],
    ['rule', 'by filter', { ...alert, filters: 'user=ada-1' }],
    ['rule', 'by title', { ...alert, title: 'What Ada Lovelace costs' }],
    ['rule', 'Ada Lovelace', alert],
    ['rule', 'other', alert],
    ['topic', 'own', { terms: ['ada lovelace'] }],
    ['topic', 'by filter', { filters: ['user=ada-1'] }],
    ['topic', 'other', { terms: ['lace'] }],
    ['topic', 'ada lovelace, found', { terms: ['ada lovelace'], found: true }],
    ['setting', 'internal-traffic', { filters: ['user=ada-1'] }],
    ['setting', 'organization-property', { property: 'plan' }],
    ['note', 'a1', 'ada lovelace is angry'],
    ['note', 'b1', 'Ada Lovelace knows more'],
    ['state', 'a1', { state: 'done', userId: 'ada-1', note: 'ada lovelace' }],
    ['state', 'b1', { state: 'done', userId: 'bob', assignee: 'ada-1' }],
    [
      'dataset',
      'gold',
      { description: 'without names', items: [{ recordId: 'a1', correctedAnswer: 'Dear Ada Lovelace' }] },
    ],
    ['dataset', 'second', { items: [{ recordId: 'b1', correctedAnswer: 'Ask Ada Lovelace' }] }],
  ] as const)
    await store.documents.put({ kind, name, value });
  return { store, eraser: new Eraser({ store, audit: new AuditLog(store.documents) }) };
}

const NAMED = [
  'view/hers',
  'segment/pilots',
  'rule/Ada Lovelace',
  'rule/by filter',
  'rule/by title',
  'dataset/second',
  'topic/by filter',
  'topic/own',
  'setting/internal-traffic',
  'note/b1',
];

test('documents of every kind that name a forgotten person and stay are listed before and after, and others are not', async () => {
  const { store, eraser } = await useDocuments();
  const listed = ({ mentions }: { mentions: readonly { kind: string; name: string }[] }) =>
    mentions.map(({ kind, name }) => `${kind}/${name}`);
  const before = listed(await eraser.preview(['ada-1']));
  const after = listed(await eraser.forget(['ada-1', 'nobody'], { access: 'open' }));
  expect([before.toSorted(), after.toSorted()]).toEqual([NAMED.toSorted(), NAMED.toSorted()]);
  for (const kind of Object.keys(DOCUMENT_KINDS).filter((one) => one !== 'state'))
    expect(NAMED.some((name) => name.startsWith(`${kind}/`))).toBe(true);
  // Two documents at once, each once: both people are in one of them.
  await store.documents.put({ kind: 'segment', name: 'both', value: { filters: ['user=ada-1&user=bob'] } });
  const both = listed(await eraser.forget(['ada-1', 'bob'], { access: 'open' }));
  expect(both.filter((name) => name === 'segment/both')).toHaveLength(1);
  expect(both).toContain('segment/others');
});

test('of several people, documents that go with one of them are not listed', async () => {
  const { store, eraser } = await useDocuments();
  await store.documents.put({ kind: 'note', name: 'b1', value: 'Ask ada-1' });
  const people = ['ada-1', 'bob'];
  const before = await eraser.preview(people);
  const after = await eraser.forget(people, { access: 'open' });
  expect(after.mentions).toEqual(before.mentions);
  expect(await store.documents.list('note')).toEqual([]);
  expect(after.mentions.map(({ kind }) => kind)).not.toContain('note');
});

test('nobody is forgotten while the documents cannot be read, so that it can be repeated', async () => {
  const { store, eraser } = await useDocuments();
  const list = vi.spyOn(store.documents, 'list').mockRejectedValue(new Error('no'));
  await expect(eraser.forget(['ada-1'], { access: 'open' })).rejects.toThrow('no');
  list.mockRestore();
  expect((await store.list({}, { limit: 5 })).total).toBe(2);
  expect((await eraser.forget(['ada-1'], { access: 'open' })).mentions).toHaveLength(NAMED.length);
});

test('the deletion of one record lists no documents', async () => {
  const { eraser } = await useDocuments();
  expect(await eraser.deleteRecord('a1', { access: 'open' })).toMatchObject({ records: 1, mentions: [] });
});
