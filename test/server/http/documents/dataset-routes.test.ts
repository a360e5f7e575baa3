import { expect, test } from 'vitest';
import type { RunningServer } from '../../../../src/server/index.js';
import { getJson, post, prompt } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';
import { useTeam } from '../../../support/use-team.js';

async function useAnswers(): Promise<RunningServer> {
  const server = await useServer();
  const answer = (id: string, user: string) =>
    prompt({
      user_id: user,
      prompt: `Question ${id}`,
      generation: `Answer ${id}`,
      properties: { $event_id: id },
    });
  await post(server, [answer('a', 'ada'), answer('b', 'bob'), answer('c', 'ada')]);
  return server;
}

function add(server: RunningServer, name: string, items: unknown): Promise<Response> {
  return fetch(`${server.url}/api/datasets/${name}/items`, {
    method: 'POST',
    body: JSON.stringify({ items }),
  });
}

async function exported(server: RunningServer, query: string): Promise<readonly Record<string, unknown>[]> {
  const text = await (await fetch(`${server.url}/api/datasets/${query}`)).text();
  return text
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

test('answers are added, corrected, listed and taken out, each once', async () => {
  const server = await useAnswers();
  expect(await (await add(server, 'gold', [{ recordId: 'a' }, { recordId: 'b' }])).json()).toEqual({
    items: 2,
  });
  const corrections = [{ recordId: 'b', correctedAnswer: 'Better.' }, { recordId: 'c' }];
  expect(await (await add(server, 'gold', corrections)).json()).toEqual({ items: 3 });
  // Added again, the correction stays; an empty one takes it away.
  await add(server, 'gold', [{ recordId: 'b' }]);
  const listed = await getJson<{ datasets: unknown[] }>(server, '/api/datasets');
  expect(listed.datasets).toMatchObject([{ name: 'gold', items: 3, corrected: 1 }]);
  const page = await getJson<{ page: unknown[] }>(server, '/api/datasets/gold?offset=1&limit=1&preview=8');
  expect(page.page).toMatchObject([
    { recordId: 'b', correctedAnswer: 'Better.', userId: 'bob', record: { prompt: 'Question…' } },
  ]);
  await add(server, 'gold', [{ recordId: 'b', correctedAnswer: '' }]);
  expect(await getJson(server, '/api/datasets?record=b')).toMatchObject({ datasets: [{ corrected: 0 }] });
  const remove = (query: string) =>
    fetch(`${server.url}/api/datasets/gold/items${query}`, { method: 'DELETE' });
  expect(await (await remove('?record=a&record=nobody')).json()).toEqual({ items: 2 });
  expect((await remove('')).status).toBe(400);
  expect(await getJson(server, '/api/datasets?record=a')).toEqual({ datasets: [] });
});

test('a correction replaces the one that its editor has seen, and no other', async () => {
  const server = await useAnswers();
  const correct = async (correctedAnswer: string, seenAnswer: string) => {
    const response = await add(server, 'gold', [{ recordId: 'a', correctedAnswer, seenAnswer }]);
    return [response.status, await response.text()];
  };
  expect(await correct('Mine.', '')).toEqual([200, '{"items":1}']);
  expect(await correct('Theirs.', '')).toEqual([412, expect.stringContaining('It is now: Mine.')]);
  expect(await getJson(server, '/api/datasets/gold')).toMatchObject({ page: [{ correctedAnswer: 'Mine.' }] });
  expect(await correct('Theirs.', 'Mine.')).toEqual([200, '{"items":1}']);
  expect(await correct('', 'Mine.')).toEqual([412, expect.stringContaining('It is now: Theirs.')]);
  expect((await add(server, 'gold', [{ recordId: 'a', seenAnswer: 1 }])).status).toBe(400);
});

test('items that are none are refused, and so are data sets that nobody made', async () => {
  const server = await useAnswers();
  for (const [items, status] of [
    [[{ recordId: 'nobody' }], 404],
    [[], 400],
    ['a', 400],
    [[{ recordId: 7 }], 400],
    [[{ recordId: 'a', correctedAnswer: 7 }], 400],
    [Array.from({ length: 1001 }, () => ({ recordId: 'a' })), 400],
  ] as const)
    expect((await add(server, 'gold', items)).status).toBe(status);
  expect(await getJson(server, '/api/datasets')).toEqual({ datasets: [] });
  for (const path of ['gold', 'gold/export?shape=openai'])
    expect((await fetch(`${server.url}/api/datasets/${path}`)).status).toBe(404);
  expect((await fetch(`${server.url}/api/datasets/gold/export?shape=csv`)).status).toBe(400);
  const put = (value: unknown): Promise<Response> =>
    fetch(`${server.url}/api/documents/dataset/gold`, { method: 'PUT', body: JSON.stringify(value) });
  expect((await put({ items: [{ id: 'a' }] })).status).toBe(422);
  expect((await put({ description: 'Good ones', items: [] })).status).toBe(201);
  // A correction of 300 kB: more than other documents may have.
  const long = 'x'.repeat(300_000);
  expect((await add(server, 'gold', [{ recordId: 'a', correctedAnswer: long }])).status).toBe(200);
  const huge = 'x'.repeat(2_000_000);
  expect((await add(server, 'gold', [{ recordId: 'b', correctedAnswer: huge }])).status).toBe(413);
  expect(await getJson(server, '/api/datasets')).toMatchObject({
    datasets: [{ description: 'Good ones', items: 1 }],
  });
});

test('several who add to a data set at the same time lose nothing', async () => {
  const server = await useAnswers();
  const answers = await Promise.all(['a', 'b', 'c'].map((recordId) => add(server, 'gold', [{ recordId }])));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await getJson(server, '/api/datasets')).toMatchObject({ datasets: [{ items: 3 }] });
});

test('an export has the shapes of OpenAI and Langfuse, and is in the audit log', async () => {
  const server = await useAnswers();
  await add(server, 'gold%20%C3%BC', [{ recordId: 'a' }, { recordId: 'b', correctedAnswer: 'Better.' }]);
  expect(await exported(server, 'gold%20%C3%BC/export?shape=openai')).toEqual([
    {
      messages: [
        { role: 'user', content: 'Question a' },
        { role: 'assistant', content: 'Answer a' },
      ],
    },
    {
      messages: [
        { role: 'user', content: 'Question b' },
        { role: 'assistant', content: 'Better.' },
      ],
    },
  ]);
  expect(await exported(server, 'gold%20%C3%BC/export?shape=langfuse')).toMatchObject([
    { datasetName: 'gold ü', expectedOutput: { content: 'Answer a' } },
    { datasetName: 'gold ü', expectedOutput: { content: 'Better.' } },
  ]);
  const { entries } = await getJson<{ entries: readonly Record<string, unknown>[] }>(server, '/api/audit');
  expect(entries.filter(({ action }) => action === 'export')).toMatchObject(
    [1, 2].map(() => ({ kind: 'dataset', document: 'gold ü', outcome: 'done', exported: 2 })),
  );
});

test('who is forgotten leaves data sets, also without a record, and so do their corrections', async () => {
  const server = await useAnswers();
  await add(
    server,
    'gold',
    ['a', 'b', 'c'].map((recordId) => ({ recordId, correctedAnswer: `For ${recordId}` })),
  );
  await fetch(`${server.url}/api/documents/dataset/old`, {
    method: 'PUT',
    body: JSON.stringify({ items: [{ recordId: 'evicted', userId: 'ada', correctedAnswer: 'To Ada' }] }),
  });
  await fetch(`${server.url}/api/records?user=ada`, { method: 'DELETE' });
  expect((await exported(server, 'gold/export?shape=openai')).map(({ messages }) => messages)).toMatchObject([
    [{ content: 'Question b' }, { content: 'For b' }],
  ]);
  const text = JSON.stringify(await getJson(server, '/api/documents/dataset'));
  expect(text).not.toMatch(/ada|For a|For c|To Ada/);
  await fetch(`${server.url}/api/records`, { method: 'DELETE' });
  expect(await getJson(server, '/api/datasets')).toMatchObject({ datasets: [{ items: 0 }, { items: 0 }] });
});

test('a team needs the right to edit to change a data set, and none to export it', async () => {
  const team = await useTeam({ tokens: 'shop=reader,shop:edit=editor' });
  await team.ready;
  await team.publish('shop-key', [prompt({ properties: { $event_id: 'a' } })]);
  const init = { method: 'POST', body: JSON.stringify({ items: [{ recordId: 'a' }] }) };
  const path = '/p/shop/api/datasets/gold/items';
  expect((await team.read(path, 'reader', init)).status).toBe(403);
  expect((await team.read(path, 'editor', init)).status).toBe(200);
  expect((await team.read('/p/shop/api/datasets/gold/export?shape=openai', 'reader')).status).toBe(200);
  expect((await team.read(`${path}?record=a`, 'reader', { method: 'DELETE' })).status).toBe(403);
  expect((await team.read(`${path}?record=a`, 'editor', { method: 'DELETE' })).status).toBe(200);
});
