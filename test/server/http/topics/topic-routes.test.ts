import { expect, test } from 'vitest';
import { MemoryStore, type NewRecord, type RunningServer } from '../../../../src/server/index.js';
import type { TopicList, TopicSummary } from '../../../../src/server/insights/topics/topic-summary.js';
import { getJson } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';
import { LANGUAGES, seededTexts, type SeededText } from '../../insights/topics/seeded-texts.js';

const START = Date.UTC(2026, 2, 1);
const DAY = 86_400_000;

/** A request of a seeded text: each fourth has failed and is an event, each third has no conversation. */
function toRecord({ id, userId, text }: SeededText, index: number, day: number): NewRecord {
  const timestamp = new Date(START + day * DAY + index).toISOString();
  const base = {
    id,
    userId: index % 10 === 0 ? 'anonymous' : userId,
    ...(index % 3 > 0 && { threadId: `thread ${Math.floor(index / 6)}` }),
    timestamp,
    receivedAt: timestamp,
    tags: [],
  };
  if (index % 4 === 0)
    return {
      ...base,
      kind: 'event',
      event: 'LLM error',
      properties: { prompt: text, error_type: 'timeout' },
    };
  const properties = index % 4 === 1 ? {} : { cost: 0.25, cost_source: 'table' };
  return { ...base, kind: 'prompt', prompt: text, generation: 'The refund of your parcel.', properties };
}

async function useTopics(
  texts: readonly SeededText[],
  day = 10,
): Promise<{ store: MemoryStore; server: RunningServer }> {
  const store = new MemoryStore();
  await store.put(texts.map((text, index) => toRecord(text, index, day)));
  return { store, server: await useServer({ store }) };
}

const topics = (server: RunningServer, query = ''): Promise<TopicList> =>
  getJson<TopicList>(server, `/api/topics?${query}`);
const withTerm = (list: TopicList, term: string): TopicSummary | undefined =>
  list.topics.find((topic) => topic.terms.includes(term));

test('GET /api/topics counts people, conversations, errors and cost as the records of the filter topic do', async () => {
  const { server } = await useTopics(seededTexts(500, { en: 3, de: 1 }, 1));
  const list = await topics(server);
  expect(list).toMatchObject({ sampled: 500, total: 500, withoutText: 0, before: null });
  expect(list.topics.length).toBeGreaterThanOrEqual(7);
  for (const topic of list.topics) {
    const filter = `topic=${topic.id}`;
    const { total } = await getJson<{ total: { values: (number | null)[] } }>(
      server,
      `/api/measure?measure=requests,people,errors,cost,pricedCalls,unpricedCalls&${filter}`,
    );
    const { requests, people, errors, cost, pricedCalls, unpricedCalls } = topic;
    expect(total.values).toEqual([requests, people, errors, cost, pricedCalls, unpricedCalls]);
    const { records } = await getJson<{ records: NewRecord[] }>(server, `/api/records?limit=1000&${filter}`);
    const conversations = new Set(records.map(({ threadId, id }) => threadId ?? `alone ${id}`));
    expect(topic.conversations).toBe(conversations.size);
    expect(topic.examples.every(({ id }) => records.some((record) => record.id === id))).toBe(true);
  }
  expect(list.topics.every(({ share }) => share >= 0.01 && share <= 1)).toBe(true);
  expect(list.other.requests).toBeLessThan(100);
});

test('ids and names of topics stay when records arrive, and are kept as documents', async () => {
  const { server, store } = await useTopics(seededTexts(400, { en: 1 }, 2));
  const before = await topics(server);
  const more = seededTexts(40, { en: 1 }, 77);
  await store.put(more.map((text, index) => toRecord(text, index, 11)));
  const after = await topics(server);
  const names = (list: TopicList): string[][] =>
    list.topics.map(({ id, name }) => [id, name]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  expect(names(after)).toEqual(names(before));
  expect(after.total).toBe(440);
  const documents = await getJson<{ documents: { name: string }[] }>(server, '/api/documents/topic');
  expect(documents.documents.map(({ name }) => name)).toEqual(names(before).map(([id]) => id));
});

test('topics of a period are compared with the period before, of the same length', async () => {
  const { server, store } = await useTopics(seededTexts(300, { en: 1 }, 3));
  const { refund, password } = LANGUAGES.en.topics;
  const earlier = Array.from({ length: 200 }, (_, index) => ({
    id: `early ${index}`,
    userId: `person ${index}`,
    text: `How can I ${(index % 4 === 0 ? refund : password)[index % 3]}?`,
    language: 'en' as const,
    topic: '',
  }));
  await store.put(earlier.map((text, index) => toRecord(text, index, 8)));
  const list = await topics(server, 'since=2026-03-10T00:00:00Z&until=2026-03-11T23:59:59.999Z');
  expect(list.before).toEqual({ sampled: 200, total: 200 });
  const shipping = withTerm(list, 'delivery');
  expect(shipping?.before).toMatchObject({ requests: 0, share: 0 });
  expect(shipping?.score).toBeGreaterThan(3);
  const login = withTerm(list, 'password');
  expect(login?.before?.share).toBeGreaterThan(0.6);
  expect(login?.score).toBeLessThan(-3);
});

test('own topics, by terms or by filters, are listed and filter like those that are found', async () => {
  const { server, store } = await useTopics(seededTexts(200, { en: 1 }, 4));
  await store.documents.put({ kind: 'topic', name: 'vat', value: { name: 'Tax', terms: ['VAT'] } });
  await store.documents.put({ kind: 'topic', name: 'late', value: { filters: ['error=true'] } });
  await store.documents.put({ kind: 'topic', name: 'broken', value: { terms: 5 } });
  const list = await topics(server);
  const of = (id: string): TopicSummary | undefined => list.topics.find((topic) => topic.id === id);
  expect(of('vat')).toMatchObject({ name: 'Tax', isFound: false, terms: ['vat'] });
  expect(of('late')).toMatchObject({ name: 'late', requests: 50, errors: 50 });
  const count = async (query: string): Promise<unknown> =>
    (await getJson<{ total: number }>(server, `/api/records?${query}`)).total;
  expect(await count('topic=vat')).toBe(of('vat')?.requests);
  expect(await count('topic=late')).toBe(50);
  expect(await count('topic=late&topic=vat')).toBeGreaterThan(50);
  for (const id of ['none', 'broken']) {
    const response = await fetch(`${server.url}/api/records?topic=${id}`);
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining(`topic \\"${id}\\"`),
    ]);
  }
});

test('few texts have no topics, and requests without a text are said', async () => {
  const { server, store } = await useTopics(seededTexts(12, { en: 1 }, 5));
  await store.put([{ ...toRecord({ id: 'x', userId: 'u', text: ' ', language: 'en', topic: '' }, 1, 9) }]);
  expect(await topics(server)).toMatchObject({
    topics: [],
    withoutText: 1,
    sampled: 13,
    other: { requests: 12 },
  });
});

test('when a person is forgotten, the topics that were found are found again, and own ones stay', async () => {
  const { server, store } = await useTopics(seededTexts(100, { en: 1 }, 6));
  const secret = Array.from({ length: 9 }, (_, index) => ({
    id: `secret ${index}`,
    userId: 'ada',
    text: `Who pays for project moonbeam number ${'abcdefghi'[index]}?`,
    language: 'en' as const,
    topic: '',
  }));
  await store.put(secret.map((text, index) => toRecord(text, index + 1, 9)));
  await store.documents.put({ kind: 'topic', name: 'own', value: { terms: ['invoice'] } });
  expect(withTerm(await topics(server), 'moonbeam')).toBeDefined();
  await fetch(`${server.url}/api/records?user=ada`, { method: 'DELETE' });
  const kept = await store.documents.list('topic');
  expect(kept.map(({ name }) => name)).toEqual(['own']);
  expect(JSON.stringify(await topics(server))).not.toContain('moonbeam');
});
