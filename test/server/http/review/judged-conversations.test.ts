import { expect, test } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../../src/server/index.js';
import type { ConversationList } from '../../../../src/server/review/list-conversations.js';
import { getJson } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';
import { numbered } from '../../engines/stored.js';

test('conversations that were judged as a whole are listed with their verdicts, under all filters', async () => {
  const store = new MemoryStore();
  const asked = (id: number, threadId: string, userId: string): NewRecord => ({
    ...numbered(id),
    threadId,
    userId,
  });
  await store.put([
    asked(1, 'one', 'ada'),
    asked(2, 'two', 'ada'),
    asked(3, 'three', 'bob'),
    asked(4, 'never judged', 'ada'),
    asked(5, 'four', 'bob'),
  ]);
  const judge = (name: string, value: NewRecord['properties'][string]) =>
    store.documents.put({ kind: 'state', name, value });
  await judge('one', { of: 'conversation', state: 'done', rating: 'good', note: 'A model' });
  await judge('two', { of: 'conversation', state: 'needs-others', rating: 'bad', assignee: 'rita' });
  await judge('three', { of: 'conversation', state: 'done' });
  await judge('gone', { of: 'conversation', state: 'done', rating: 'bad' });
  // An answer, not a conversation.
  await judge('four', { state: 'done', rating: 'bad' });
  const server = await useServer({ store });
  const list = async (query: string) => {
    const answer = await getJson<ConversationList>(server, `/api/review/conversations?${query}`);
    return { ...answer, ids: answer.items.map(({ thread }) => thread.threadId) };
  };
  const all = await list('');
  expect(all).toMatchObject({
    ids: ['three', 'two', 'one'],
    total: 3,
    ratings: { good: 1, bad: 1, none: 1 },
  });
  expect(all.items[2]).toMatchObject({
    thread: { threadId: 'one', prompts: 1, users: ['ada'] },
    review: { rating: 'good', state: 'done', note: 'A model' },
  });
  expect(await list('rating=bad')).toMatchObject({
    ids: ['two'],
    total: 1,
    ratings: { good: 1, bad: 1, none: 1 },
  });
  expect((await list('state=done')).ids).toEqual(['three', 'one']);
  expect((await list('assignee=rita')).ids).toEqual(['two']);
  expect(await list('user=bob')).toMatchObject({ ids: ['three'], ratings: { good: 0, bad: 0, none: 1 } });
  expect((await list('thread=one&thread=never%20judged')).ids).toEqual(['one']);
  expect(await list('limit=1')).toMatchObject({ ids: ['three'], total: 3 });
  for (const wrong of ['state=x', 'rating=x'])
    expect((await fetch(`${server.url}/api/review/conversations?${wrong}`)).status).toBe(400);
});

test('without a judged conversation, the list is empty', async () => {
  const server = await useServer();
  const empty = await getJson(server, '/api/review/conversations');
  expect(empty).toEqual({ items: [], total: 0, ratings: { good: 0, bad: 0, none: 0 } });
});
