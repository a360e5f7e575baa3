import { expect, test, vi } from 'vitest';
import { topicRoutes } from '../../../../src/server/http/topics/topic-routes.js';
import { MemoryStore, type NewRecord, type RecordQuery } from '../../../../src/server/index.js';
import type { TopicResponse } from '../../../../src/server/insights/topics/topic-summary.js';
import { forgetDerivedWords } from '../../../../src/server/privacy/derived-words.js';
import { numbered } from '../../engines/stored.js';

const DAY = 86_400_000;
const START = Date.UTC(2026, 2, 10);
const RANGE = 'since=2026-03-10T00:00:00Z&until=2026-03-10T23:59:59.999Z';

function prompts(text: string, count: number, day = 0, fields: Partial<NewRecord> = {}): NewRecord[] {
  return Array.from({ length: count }, (_, at) => {
    const timestamp = new Date(START + day * DAY + at).toISOString();
    const id = `${text} ${day} ${at}`;
    const own = { id, userId: id, prompt: text, timestamp, receivedAt: timestamp, properties: {} };
    const { threadId: _thread, ...others } = { threadId: '', ...numbered(0), ...own };
    return { ...others, ...fields } as NewRecord;
  });
}

/** Routes over a store with the topics “login, password” and “order, refund”. */
async function useRoutes(...more: readonly NewRecord[][]) {
  const store = new MemoryStore();
  await store.put([...prompts('refund order', 12), ...prompts('login password', 14), ...more.flat()]);
  const sample = vi.spyOn(store, 'sample');
  const app = topicRoutes(store);
  const ask = async (search = ''): Promise<TopicResponse> =>
    (await (await app.request(`/topics?${search}`)).json()) as TopicResponse;
  const kept = async () => (await store.documents.list('topic')).map(({ name }) => name);
  const own = (name: string, value: { terms: string[] } | { filters: string[] }) =>
    store.documents.put({ kind: 'topic', name, value });
  return { store, app, sample, ask, kept, own };
}

const found = ['login, password', 'order, refund'];

test('who asks for the same at the same time gets the same answer, and who asks later a new one', async () => {
  const { store, sample, ask } = await useRoutes();
  const [one, other, different] = await Promise.all([ask(), ask(), ask('kind=prompt')]);
  expect([one.total, other, different]).toEqual([26, one, one]);
  expect(sample).toHaveBeenCalledTimes(2);
  await store.put(prompts('refund order', 3, 1));
  expect((await ask()).total).toBe(29);
});

test('topics that are found are kept before the answer is given, and marked as found', async () => {
  const { store, ask, kept } = await useRoutes();
  const put = store.documents.put.bind(store.documents);
  vi.spyOn(store.documents, 'put').mockImplementation(async (document, expected) => {
    await new Promise((resolve) => void setImmediate(resolve));
    return put(document, expected);
  });
  await ask();
  expect(await kept()).toEqual(found);
  expect((await store.documents.get('topic', 'order, refund'))?.value).toEqual({
    name: 'order, refund',
    terms: ['order', 'refund'],
    found: true,
  });
});

test('a topic is not kept if the records that it was found in are erased meanwhile', async () => {
  const { store, sample, ask, kept } = await useRoutes(prompts('refund order', 1, 1));
  const purge = vi.fn<(ids: readonly string[]) => Promise<void>>(() => Promise.resolve());
  Object.assign(store, { purge });
  const read = sample.getMockImplementation() ?? MemoryStore.prototype.sample.bind(store);
  sample.mockImplementation(async (query, limit) => {
    const answer = await read(query, limit);
    await store.remove({ terms: [{ text: 'login' }] });
    await forgetDerivedWords(store, new Set());
    return answer;
  });
  await ask();
  expect(await kept()).toEqual(['order, refund']);
  expect(purge).toHaveBeenCalledTimes(1);
});

test('there are at most three hundred topics', async () => {
  const { ask, kept, own } = await useRoutes();
  for (let at = 0; at < 299; at += 1) await own(`own ${at}`, { terms: [`word${at}`] });
  expect((await ask()).topics.length).toBe(2);
  const names = await kept();
  expect([names.length, names.filter((name) => found.includes(name)).length]).toEqual([300, 1]);
});

test('a topic that another server has kept meanwhile stays as it is, and a store that fails is an error', async () => {
  const { store, app, ask, own } = await useRoutes();
  const { version } = await own('order, refund', { terms: ['refunding'] });
  vi.spyOn(store.documents, 'list').mockResolvedValue([]);
  expect((await ask()).topics.length).toBe(2);
  expect((await store.documents.get('topic', 'order, refund'))?.version).toBe(version);
  vi.spyOn(store.documents, 'put').mockRejectedValue(new Error('disk full'));
  app.onError((error, c) => c.text(error.message, 500));
  expect(await (await app.request('/topics')).text()).toBe('disk full');
});

test('the period before is as long, and ends where the other one begins', async () => {
  const { sample, ask } = await useRoutes(prompts('refund order', 4, -1), prompts('hello', 2, -2));
  const { before } = await ask(`${RANGE}&internal=show`);
  expect(before).toEqual({ sampled: 4, total: 4 });
  expect(sample.mock.calls[1]?.[0]).toEqual({
    since: { at: START - DAY },
    until: { at: START - 1 },
  } satisfies RecordQuery);
  expect((await ask('internal=show')).before).toBeNull();
  expect((await ask('since=2026-03-11T00:00:00Z&until=2026-03-10T00:00:00Z')).before).toBeNull();
});

test('filters of a topic are read in both periods, besides those of the request', async () => {
  const tagged = { tags: ['gift'] };
  const { ask, own } = await useRoutes(
    prompts('for my aunt', 4, 0, tagged),
    prompts('for my uncle', 3, -1, tagged),
    prompts('by a robot', 5, 0, { tags: ['gift', 'internal'] }),
  );
  await own('gifts', { filters: ['tag=gift'] });
  const { topics } = await ask(RANGE);
  expect(topics.find(({ id }) => id === 'gifts')).toMatchObject({ requests: 4, before: { requests: 3 } });
});

test('topics are compared with those of other filters at the same time, and with the same weekdays', async () => {
  const model = (assistantId: string) => ({ assistantId });
  const { ask, app, sample } = await useRoutes(
    prompts('refund order', 6, 1, model('old')),
    prompts('refund order', 3, 2, model('new')),
    prompts('login password', 3, 2, model('new')),
  );
  await ask();
  const other = await ask('model=new&against=model%3Dold');
  expect([other.total, other.before, other.periods]).toEqual([6, { sampled: 6, total: 6 }, null]);
  expect(other.topics.find(({ id }) => id === 'order, refund')).toMatchObject({
    share: 0.5,
    before: { share: 1, requests: 6 },
  });
  sample.mockClear();
  const week = await ask(`${RANGE}&internal=show&against=same-weekday`);
  expect(week.periods?.before.from).toBe(START - 7 * DAY);
  expect(sample.mock.calls.map(([query]) => query.since)).toEqual([{ at: START }, { at: START - 7 * DAY }]);
  // With filters that are compared, no time is needed; and a time that ends before it begins is no mistake of theirs.
  const empty = 'since=2026-03-11T00:00:00Z&until=2026-03-10T00:00:00Z';
  expect(await ask(`${empty}&against=model%3Dold`)).toMatchObject({ total: 0, before: { total: 0 } });
  app.onError((error, c) => c.text(error.message, 400));
  const timeless = await app.request('/topics?against=previous');
  expect([timeless.status, await timeless.text()]).toEqual([400, expect.stringContaining('needs since')]);
});
