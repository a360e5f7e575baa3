import { expect, test } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../../src/server/index.js';
import { readPerson } from '../../../../src/server/http/person/read-person.js';
import type { PersonTimeline } from '../../../../src/server/http/answers/person-timeline.js';
import { getJson, post, prompt } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';
import { event, numbered } from '../../engines/stored.js';

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

/** Feedback on the prompt `p`, in the order of its number. It names no conversation. */
function feedbackOn(at: number, userId: string, properties: NewRecord['properties']): NewRecord {
  const timestamp = new Date(Date.UTC(2026, 0, 3) + at * HOUR).toISOString();
  const record = event(`f${at}`, 'User feedback', { record_id: 'p', feedback_type: 'thumbs', ...properties });
  return { ...record, userId, timestamp, receivedAt: timestamp };
}

test('the comments of a conversation are those of people that count now, whether or not they name the conversation', async () => {
  const store = new MemoryStore();
  await store.put([
    { ...numbered(1), id: 'p', userId: 'ada', threadId: 'first' },
    { ...numbered(2), id: 'q', userId: 'bob', threadId: 'other' },
    feedbackOn(1, 'ada', { score: -1, comment: 'Replaced' }),
    feedbackOn(2, 'ada', { score: 1, comment: 'Better now' }),
    feedbackOn(3, 'bob', { score: -1, comment: 'Taken back' }),
    feedbackOn(4, 'bob', { cleared: true }),
    feedbackOn(7, 'dee', { comment: 'Only words' }),
    { ...feedbackOn(5, 'cy', { score: -1, comment: 'With thread' }), threadId: 'first' },
    feedbackOn(6, 'eve', { comment: '  ' }),
    feedbackOn(8, 'rob', { score: -1, source: 'Reviewer', comment: 'Reviewed' }),
    feedbackOn(9, 'bot', { score: 0.5, name: 'faithfulness', comment: 'Judged' }),
    feedbackOn(10, 'flo', { record_id: 'q', score: 1, comment: 'Elsewhere' }),
  ]);
  const { conversations } = await readPerson(store, { users: ['ada'] }, 5);
  expect(conversations.map(({ comments }) => comments.map(({ userId, text }) => [userId, text]))).toEqual([
    [
      ['dee', 'Only words'],
      ['cy', 'With thread'],
      ['ada', 'Better now'],
    ],
  ]);
});

test('comments of conversations with very many prompts are read in parts, the latest first', async () => {
  const store = new MemoryStore();
  const prompts = Array.from({ length: 700 }, (_, at) => ({
    ...numbered(at),
    userId: 'ada',
    threadId: 'long',
  }));
  const comments = [3, 600].map((at) =>
    feedbackOn(at, 'ada', { record_id: String(at), comment: `On ${at}` }),
  );
  await store.put([...prompts, ...comments]);
  const [long] = (await readPerson(store, { users: ['ada'] }, 5)).conversations;
  expect(long?.comments.map(({ text }) => text)).toEqual(['On 600', 'On 3']);
});

test('a person with very many conversations has the ratings of each of them, and the requests without any', async () => {
  const store = new MemoryStore();
  const rated = Array.from({ length: 1200 }, (_, at): NewRecord[] => [
    { ...numbered(at), userId: 'ada', threadId: `thread ${at}` },
    feedbackOn(at, 'ada', { record_id: String(at), score: -1 }),
  ]);
  const { threadId: _thread, ...alone } = { threadId: '', ...numbered(1200) };
  await store.put([...rated.flat(), { ...alone, userId: 'ada' }]);
  const timeline = await readPerson(store, { users: ['ada'] }, 500);
  expect(timeline).toMatchObject({ rated: 1200, bad: 1200, total: 1200, single: 1 });
  expect(timeline.conversations.filter(({ bad }) => bad === 1)).toHaveLength(500);
});
