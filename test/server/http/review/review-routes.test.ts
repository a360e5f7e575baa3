import { expect, test } from 'vitest';
import type { RunningServer } from '../../../../src/server/index.js';
import type { ReviewResponse } from '../../../../src/server/http/answers/review-response.js';
import { getJson, post, prompt } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';

async function useRated(): Promise<RunningServer> {
  const server = await useServer();
  const answer = (id: string, more: Record<string, unknown> = {}) =>
    prompt({ user_id: 'ada', prompt: `Question ${id}`, ...more, properties: { $event_id: id } });
  await post(server, [
    answer('a', { thread_id: 't' }),
    answer('b'),
    { ...answer('c'), properties: { $event_id: 'c', environment: 'test' } },
  ]);
  const bad = ['a', 'b', 'c'].map((id) => ({
    user_id: 'ada',
    event: 'Feedback',
    properties: { record_id: id, score: -1, feedback_type: 'thumbs' },
  }));
  await post(server, bad, {}, 'publish_events');
  return server;
}

function decide(server: RunningServer, name: string, value: unknown): Promise<Response> {
  return fetch(`${server.url}/api/documents/state/${name}`, { method: 'PUT', body: JSON.stringify(value) });
}

async function review(server: RunningServer, query = ''): Promise<ReviewResponse> {
  return getJson<ReviewResponse>(server, `/api/review${query}`);
}

test('the work list leaves internal traffic out, cuts texts if asked to, and reads its parameters', async () => {
  const server = await useRated();
  await decide(server, 'a', { state: 'needs-others', assignee: 'rita' });
  const idsOf = async (query: string): Promise<readonly string[]> =>
    (await review(server, query)).items.map(({ record }) => record.id);
  expect(await idsOf('')).toEqual(['b', 'a']);
  expect(await idsOf('?internal=show')).toEqual(['c', 'b', 'a']);
  expect(await idsOf('?state=needs-review&threshold=0.5')).toEqual(['b']);
  expect(await idsOf('?assignee=rita')).toEqual(['a']);
  const { items, before, total } = await review(server, '?limit=1&preview=4');
  expect([items.map(({ record }) => record.kind === 'prompt' && record.prompt), total]).toEqual([
    ['Ques…'],
    2,
  ]);
  expect((await review(server, `?limit=1&before=${before}`)).items[0]?.review.assignee).toBe('rita');
  for (const wrong of ['state=todo', 'threshold=low', 'order=size', 'limit=-1'])
    expect((await fetch(`${server.url}/api/review?${wrong}`)).status).toBe(400);
});

test('a state that one page writes is announced to the others', async () => {
  const server = await useRated();
  const stream = await fetch(`${server.url}/api/live`);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  await decide(server, 'a', { state: 'done' });
  let text = '';
  while (!text.includes('event: document')) text += (await reader?.read())?.value ?? '';
  expect(text).toMatch(/event: document\nid: .*\ndata: \{"kind":"state","name":"a"\}/);
  text = '';
  await fetch(`${server.url}/api/documents/state/a`, { method: 'DELETE' });
  while (!text.includes('event: document')) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
});

test('states go with the record, with the person, and with all records', async () => {
  const server = await useRated();
  const names = async (): Promise<readonly string[]> =>
    (await getJson<{ documents: readonly { name: string }[] }>(server, '/api/documents/state')).documents.map(
      ({ name }) => name,
    );
  await decide(server, 'a', { state: 'done' });
  await decide(server, 'b', { state: 'done' });
  // The record is not here any more: the state knows whose it was.
  await decide(server, 'evicted', { state: 'done', userId: 'ada' });
  await decide(server, 'of-bob', { state: 'done', userId: 'bob' });
  await fetch(`${server.url}/api/records/a`, { method: 'DELETE' });
  expect(await names()).toEqual(['b', 'evicted', 'of-bob']);
  await fetch(`${server.url}/api/records?user=ada`, { method: 'DELETE' });
  expect(await names()).toEqual(['of-bob']);
  await fetch(`${server.url}/api/records`, { method: 'DELETE' });
  expect(await names()).toEqual([]);
});
