import { expect, test } from 'vitest';
import type { PersonTimeline } from '../../../../src/server/http/person/person-timeline.js';
import { getJson, post, prompt } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';

const HOUR = 3_600_000;

/** Three conversations of Ada, of which Bob takes part in one, and a request of hers without any. */
async function useAda() {
  const server = await useServer();
  const asked = (id: string, user: string, thread: string | undefined, text: string, hours: number) =>
    prompt({
      user_id: user,
      prompt: text,
      ...(thread === undefined ? { thread_id: null } : { thread_id: thread }),
      timestamp: new Date(Date.now() - hours * HOUR).toISOString(),
      properties: { $event_id: id, cost: 0.25 },
    });
  await post(server, [
    asked('a1', 'ada', 'first', 'A refund please', 50),
    asked('a2', 'ada', 'first', 'The order is late', 49),
    asked('a3', 'ada', 'shared', 'Hello', 5),
    asked('b1', 'bob', 'shared', 'A refund for me', 4),
    asked('a4', 'ada', 'gift', 'Something else', 3),
    asked('a5', 'ada', undefined, 'A refund again', 2),
  ]);
  const feedback = (id: string, of: string, user: string, properties: object) => ({
    event: 'User feedback',
    user_id: user,
    timestamp: new Date(Date.now() - (of === 'a1' || of === 'a2' ? 48 : 4) * HOUR).toISOString(),
    thread_id: of === 'a1' ? 'first' : 'shared',
    properties: { $event_id: id, record_id: of, feedback_type: 'thumbs', ...properties },
  });
  const events = [
    feedback('f1', 'a1', 'ada', { score: -1, comment: 'Too slow' }),
    feedback('f2', 'a2', 'ada', { score: 1 }),
    feedback('f3', 'a3', 'cy', { score: 1, comment: 'Good' }),
    feedback('f4', 'b1', 'bob', { score: -1 }),
  ];
  await post(server, events, {}, 'publish_events');
  const put = (name: string, value: object) =>
    fetch(`${server.url}/api/documents/topic/${name}`, { method: 'PUT', body: JSON.stringify(value) });
  await put('refunds', { name: 'Refunds', terms: ['refund'] });
  await put('gifts', { name: 'Gifts', filters: ['thread=gift'] });
  return server;
}

test('the timeline of a person has conversations with topics, feedback and cost, and counts what is of that person alone', async () => {
  const server = await useAda();
  const timeline = await getJson<PersonTimeline>(server, '/api/person?user=ada');
  expect(timeline).toMatchObject({
    person: { userId: 'ada', prompts: 5, cost: 1.25, threads: 3 },
    rated: 3,
    bad: 1,
    total: 3,
    single: 1,
    topics: [
      { id: 'gifts', name: 'Gifts', conversations: 1 },
      { id: 'refunds', name: 'Refunds', conversations: 1 },
    ],
  });
  expect(timeline.conversations).toMatchObject([
    { threadId: 'gift', topics: [{ id: 'gifts' }], rated: 0, comments: [] },
    {
      threadId: 'shared',
      prompts: 1,
      cost: 0.25,
      topics: [],
      rated: 1,
      bad: 0,
      comments: [{ text: 'Good', userId: 'cy' }],
    },
    {
      threadId: 'first',
      firstPrompt: 'A refund please',
      prompts: 2,
      cost: 0.5,
      topics: [{ id: 'refunds', name: 'Refunds' }],
      rated: 2,
      bad: 1,
      comments: [{ text: 'Too slow', userId: 'ada' }],
    },
  ]);
  const page = await getJson<PersonTimeline>(server, '/api/person?user=ada&limit=1&since=4h');
  expect([page.total, page.conversations.length, page.person?.prompts]).toEqual([1, 1, 2]);
});

test('a timeline is of one person', async () => {
  const server = await useAda();
  for (const query of ['', 'user=', 'user=ada&user=bob'])
    expect((await fetch(`${server.url}/api/person?${query}`)).status).toBe(400);
  const nobody = await getJson<PersonTimeline>(server, '/api/person?user=nobody');
  expect(nobody).toEqual({ rated: 0, bad: 0, conversations: [], total: 0, single: 0, topics: [] });
});
