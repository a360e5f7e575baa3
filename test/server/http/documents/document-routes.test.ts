import { expect, test } from 'vitest';
import { MemoryStore, openFileStore } from '../../../../src/server/index.js';
import { useFolder } from '../../../support/use-folder.js';
import { useServer } from '../../../support/use-server.js';
import { sharedStores, useTeam } from '../../../support/use-team.js';

interface Answer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: Record<string, unknown>;
}

async function ask(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, etag: response.headers.get('etag'), body: answer };
}

test('a document is created, replaced, read, listed and deleted by its kind and name', async () => {
  const { url } = await useServer();
  const documents = `${url}/api/documents`;
  const created = await ask(`${documents}/view/Weekly%20errors`, 'PUT', { query: 'error=true' });
  expect(created).toMatchObject({
    status: 201,
    body: { kind: 'view', name: 'Weekly errors', value: { query: 'error=true' } },
  });
  expect(created.etag).toBe(`"${String(created.body['version'])}"`);
  const replaced = await ask(`${documents}/view/Weekly%20errors`, 'PUT', { query: 'q=x' });
  expect(replaced.status).toBe(200);
  const read = await ask(`${documents}/view/Weekly%20errors`);
  expect(read).toEqual(replaced);
  expect((await ask(`${documents}/view`)).body).toEqual({ documents: [replaced.body] });
  expect((await ask(`${documents}/view?only=Weekly%20errors`)).body).toEqual({ documents: [replaced.body] });
  expect((await ask(`${documents}/view?only=weekly`)).body).toEqual({ documents: [] });
  expect((await ask(`${documents}/note`)).body).toEqual({ documents: [] });
  expect(await ask(`${documents}/view/Weekly%20errors`, 'DELETE')).toMatchObject({ body: { deleted: 1 } });
  expect((await ask(`${documents}/view/Weekly%20errors`, 'DELETE')).status).toBe(404);
  expect((await ask(`${documents}/view/Weekly%20errors`)).status).toBe(404);
});

test('names with any characters are kept, those that a path cannot hold by ?name=', async () => {
  const { url } = await useServer();
  for (const name of ['a/b', '100%', '%2F', 'Größe 😀', '__proto__', 'a?b#c', '+ &']) {
    const address = `${url}/api/documents/note/${encodeURIComponent(name)}`;
    expect((await ask(address, 'PUT', JSON.stringify(name))).body).toMatchObject({ name, value: name });
    expect((await ask(address)).body).toMatchObject({ name });
  }
  for (const name of ['.', '..']) {
    const address = `${url}/api/documents/note/?name=${name}`;
    expect((await ask(address, 'PUT', JSON.stringify(name))).body).toMatchObject({ name, value: name });
    expect((await ask(address)).body).toMatchObject({ name });
    expect((await ask(address, 'DELETE')).body).toEqual({ deleted: 1 });
  }
});

test('with If-Match only that version is changed, with If-None-Match only none', async () => {
  const { url } = await useServer();
  const address = `${url}/api/documents/view/cost`;
  const none = { 'if-none-match': '*' };
  expect((await ask(address, 'PUT', 1, { 'if-match': '*' })).status).toBe(412);
  const first = await ask(address, 'PUT', 1, none);
  expect(first.status).toBe(201);
  const stale = { 'if-match': first.etag ?? '' };
  const { version } = first.body;
  expect(await ask(address, 'PUT', 2, none)).toMatchObject({ status: 412, body: { version } });
  const second = await ask(address, 'PUT', 2, stale);
  expect(second.status).toBe(200);
  expect(await ask(address, 'PUT', 3, stale)).toMatchObject({
    status: 412,
    body: { version: second.body['version'] },
  });
  expect((await ask(address, 'DELETE', undefined, stale)).status).toBe(412);
  expect((await ask(address)).body).toMatchObject({ value: 2 });
  expect((await ask(address, 'PUT', 4, { 'if-match': '*' })).status).toBe(200);
  for (const wrong of ['abc', 'W/"1"', '"1", "2"', ''])
    expect((await ask(address, 'PUT', 5, { 'if-match': wrong })).status).toBe(400);
  expect((await ask(address, 'PUT', 5, { 'if-none-match': '"1"' })).status).toBe(400);
  const { etag } = await ask(address);
  expect((await ask(address, 'DELETE', undefined, { 'if-match': etag ?? '' })).body).toEqual({ deleted: 1 });
});

test('what cannot be a document is refused with one line, and nothing is stored', async () => {
  const { url } = await useServer();
  const documents = `${url}/api/documents`;
  const refused: readonly (readonly [path: string, body: string, status: number])[] = [
    ['audit/x', '1', 400],
    ['audit-key/key', '1', 400],
    ['nonsense/x', '1', 400],
    [`view/${'x'.repeat(257)}`, '1', 400],
    ['view/a%00b', '1', 400],
    ['view/', '1', 400],
    ['view/x', '', 400],
    ['view/x', '{', 400],
    ['view/x', 'NaN', 400],
    ['view/x', '['.repeat(100) + ']'.repeat(100), 422],
    ['view/x', '['.repeat(100_000) + ']'.repeat(100_000), 422],
    ['view/x', JSON.stringify('x'.repeat(300_000)), 413],
  ];
  for (const [path, body, status] of refused) {
    const answer = await ask(`${documents}/${path}`, 'PUT', body);
    expect([path, answer.status, answer.body]).toEqual([path, status, { detail: expect.any(String) }]);
  }
  expect((await ask(`${documents}/audit`)).status).toBe(400);
  expect((await ask(`${documents}/view`)).body).toEqual({ documents: [] });
  expect((await ask(`${url}/api/audit`)).body).toMatchObject({ total: 0 });
});

test.each([
  ['segment', 'pro', { filters: 'prop.plan=pro' }, /list of at most 50 filters/],
  ['segment', 'pro', [{ plan: 'pro' }], /list of at most 50 filters/],
  ['segment', 'pro', { filters: ['nonsense=1'] }, /nonsense/],
  ['topic', 'refunds', { name: 'Refunds' }, /needs "filters", or "terms"/],
  ['topic', 'refunds', { terms: ['', 1] }, /needs "filters", or "terms"/],
  ['rule', 'errors', { measure: 'happiness' }, /measure/],
  ['setting', 'internal-traffic', { rules: [] }, /list of at most 50 filters/],
  ['setting', 'organization-property', { property: '' }, /"property": "customer"/],
  ['dataset', 'exam', { items: 'all' }, /items/],
  ['state', '4bf92f-00f067', ['done'], /A review is an object/],
  [
    'state',
    '4bf92f-00f067',
    { state: 'finished' },
    /"state" must be one of needs-review, needs-others, done/,
  ],
  ['state', '4bf92f-00f067', { state: 'done', rating: 5 }, /"rating" must be one of good, bad/],
])(
  'a %s "%s" that the server could not read, %j, is refused with what is wrong',
  async (kind, name, value, problem) => {
    const { url } = await useServer();
    const address = `${url}/api/documents/${kind}/${name}`;
    const { status, body } = await ask(address, 'PUT', value);
    expect([status, body['detail']]).toEqual([422, expect.stringMatching(problem)]);
    expect((await ask(address)).status).toBe(404);
  },
);

test('settings of other names, and reviews with other fields beside their own, are stored', async () => {
  const { url } = await useServer();
  const stored = [
    ['setting', 'colours', { rating: 'blue' }],
    ['state', 'a', { state: 'done', rating: null, assignee: 'rita', of: 'conversation', priority: 2 }],
  ] as const;
  for (const [kind, name, value] of stored)
    expect((await ask(`${url}/api/documents/${kind}/${name}`, 'PUT', value)).status).toBe(201);
});

test('documents of a server with a file are there after a restart', async () => {
  const file = `${await useFolder()}/records.jsonl`;
  const first = await useServer({ store: await openFileStore({ file }) });
  const { body } = await ask(`${first.url}/api/documents/view/mine`, 'PUT', { a: 1 });
  await first.close();
  const second = await useServer({ store: await openFileStore({ file }) });
  expect((await ask(`${second.url}/api/documents/view/mine`)).body).toEqual(body);
});

test('a store that fails is answered 503, without a word of the document', async () => {
  const store = new MemoryStore();
  const { url } = await useServer({ store });
  store.documents.put = () => Promise.reject(Object.assign(new Error('secret'), { code: 'ENOSPC' }));
  expect(await ask(`${url}/api/documents/view/mine`, 'PUT', 1)).toMatchObject({
    status: 503,
    body: { detail: 'The store does not work: the disk is full (ENOSPC)' },
  });
});

test('on a server for a team, a reader may read documents, and change them with the right to edit', async () => {
  const team = await useTeam({ tokens: 'shop=reader,shop:edit=editor,shop:delete=deleter,docs:edit=other' });
  await team.ready;
  const status = async (
    token: string,
    method: string,
    path = '/p/shop/api/documents/view/mine',
  ): Promise<number> =>
    (
      await ask(team.url + path, method, method === 'PUT' ? 1 : undefined, {
        authorization: `Bearer ${token}`,
      })
    ).status;
  expect(await status('reader', 'PUT')).toBe(403);
  expect(await status('deleter', 'PUT')).toBe(403);
  expect(await status('other', 'PUT')).toBe(403);
  expect(await status('nobody', 'PUT')).toBe(401);
  expect(await status('editor', 'PUT')).toBe(201);
  expect(await status('reader', 'GET')).toBe(200);
  expect(await status('other', 'GET')).toBe(403);
  expect(await status('reader', 'DELETE')).toBe(403);
  expect(await status('deleter', 'DELETE')).toBe(403);
  expect(await status('editor', 'DELETE', '/p/shop/api/records')).toBe(403);
  expect(await status('editor', 'DELETE')).toBe(200);
  const page = async (token: string): Promise<string> =>
    (await fetch(`${team.url}/p/shop/`, { headers: { authorization: `Bearer ${token}` } })).text();
  expect(await page('reader')).toContain('data-no-edit="true"');
  expect(await page('editor')).not.toContain('data-no-edit');
});

test('each change of a document is one line of the log and one entry of the audit log, on every server', async () => {
  const openStore = sharedStores();
  const tokens = 'shop:edit=editor';
  const [first, second] = [await useTeam({ openStore, tokens }), await useTeam({ openStore, tokens })];
  await Promise.all([first.ready, second.ready]);
  const as = { authorization: 'Bearer editor' };
  const documents = '/p/shop/api/documents';
  await ask(`${first.url}${documents}/view/Weekly`, 'PUT', { q: 'private words' }, as);
  await ask(`${first.url}${documents}/note/record-1`, 'PUT', JSON.stringify('private words'), as);
  await ask(`${first.url}${documents}/view/Weekly`, 'DELETE', undefined, as);
  await ask(`${first.url}${documents}/audit/x`, 'PUT', 1, as);
  const done = first.log.filter(({ event, outcome }) => event === 'audit' && outcome === 'done');
  expect(done).toMatchObject([
    { project: 'shop', action: 'edit_document', kind: 'view', document: 'Weekly', access: 'token' },
    { project: 'shop', action: 'edit_document', kind: 'note', who: expect.stringMatching(/^token /) },
    { project: 'shop', action: 'delete_document', kind: 'view', document: 'Weekly' },
  ]);
  expect(JSON.stringify(first.log)).not.toMatch(/private words|record-1/);
  const found = async (query: string): Promise<unknown> =>
    (await ask(`${second.url}/p/shop/api/audit?${query}`, 'GET', undefined, as)).body['total'];
  expect(await found('limit=10')).toBe(3);
  expect(await found('kind=view')).toBe(2);
  expect(await found('kind=view&document=Weekly')).toBe(2);
  expect(await found('kind=note&document=record-1')).toBe(1);
  expect(await found('kind=note&document=record-2')).toBe(0);
  const wrong = await ask(`${second.url}/p/shop/api/audit?document=x`, 'GET', undefined, as);
  expect([
    wrong.status,
    (await ask(`${second.url}/p/shop/api/audit?kind=x`, 'GET', undefined, as)).status,
  ]).toEqual([400, 400]);
});
