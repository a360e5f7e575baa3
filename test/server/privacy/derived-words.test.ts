import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ROUTE_CONTENTS } from '../../../src/server/http/access/route-contents.js';
import type { PendingAnswers } from '../../../src/server/http/measure/pending-answers.js';
import { createProjectParts } from '../../../src/server/http/project-parts.js';
import { createServer, MemoryStore, openFileStore, type NewRecord } from '../../../src/server/index.js';
import { explainBuffered } from '../../../src/server/ingest/otlp/explain/explain-spans.js';
import { ByteBudget } from '../../../src/server/ingest/body/byte-budget.js';
import { AgeLimits } from '../../../src/server/privacy/age-limits.js';
import { forgetLostTopics } from '../../../src/server/privacy/derived-words.js';
import { makeChatSpan } from '../../support/span.js';
import { useFolder } from '../../support/use-folder.js';
import { event, numbered } from '../engines/stored.js';

const DAY = 86_400_000;
/** Topics of other people. */
const OTHERS = ['coffee, machine', 'invoice, payment'];
/** Words of Ada alone. */
const HERS = /xylophone|kazoo/i;

/**
 * A server over a file, with everything that keeps words of texts: 24 prompts of each of three people, topics that were found in them, intents, and an alert by
 * intent with its history.
 */
async function useWords(daysAgo: number) {
  const file = join(await useFolder(), 'records.jsonl');
  const store = await openFileStore({ file });
  const server = createServer({ store });
  onTestFinished(() => server.close());
  const asked = (user: string, at: number, text: string, days: number): NewRecord => {
    const timestamp = new Date(Date.now() - days * DAY - at).toISOString();
    const intent = user === 'ada' ? 'xylophone repair' : 'invoice question';
    return {
      ...numbered(at),
      id: `${user}-${at}`,
      userId: user,
      threadId: `${user}-${at}`,
      prompt: `${text} ${at}`,
      generation: `An answer about ${text}`,
      timestamp,
      receivedAt: timestamp,
      properties: {
        label_status: 'done',
        label_intent: intent,
        label_sentiment: 'neutral',
        label_outcome: 'done',
      },
    };
  };
  await store.put([
    ...Array.from({ length: 24 }, (_, at) => asked('ada', at, 'xylophone kazoo', daysAgo)),
    ...Array.from({ length: 24 }, (_, at) => asked('bob', at, 'invoice payment', 1)),
    ...Array.from({ length: 24 }, (_, at) => asked('cy', at, 'coffee machine', 1)),
  ]);
  const put = (kind: string, name: string, value: NewRecord['properties'][string]) =>
    store.documents.put({ kind, name, value });
  const change = (group: string) => ({ group, to: 'alerting', value: 24, n: null });
  const lasting = (group: string) => ({ group, since: new Date().toISOString() });
  await put('rule', 'by intent', { measure: 'prompts', by: 'intent', window: '7d', above: 1 });
  await put('alert', 'by intent', {
    about: 'prompts by intent',
    alerting: [lasting('xylophone repair'), lasting('invoice question')],
    pending: [lasting('xylophone repair')],
    history: [
      {
        id: '1',
        at: new Date().toISOString(),
        changes: [change('xylophone repair'), change('invoice question')],
        more: 0,
        posts: [],
      },
    ],
  });
  const get = async (path: string): Promise<string> =>
    (await server.fetch(new Request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1' } }))).text();
  const ask = (method: string, path: string) =>
    server.fetch(new Request(`http://127.0.0.1${path}`, { method, headers: { host: '127.0.0.1' } }));
  await ask('POST', '/api/labels/rename?from=kazoo+repair&to=repair');
  await get('/api/topics');
  const topics = async () =>
    (await store.documents.list('topic')).map(({ name, version }) => [name, version]);
  return { file, store, get, ask, topics };
}

type Words = Awaited<ReturnType<typeof useWords>>;

/** Returns where these words can still be read: in the file, and in answers of the API. */
async function placesOf({ file, get }: Words, words: RegExp): Promise<readonly string[]> {
  const places = words.test(readFileSync(file, 'utf8')) ? ['file'] : [];
  const paths = Object.keys(ROUTE_CONTENTS).map((path) =>
    path.replace('/:name', '/gold').replace('/:id', '/ada-1').replace('/api/live', '/api/intake'),
  );
  const queries: Record<string, string> = {
    '/api/measure': 'measure=prompts&by=intent',
    '/api/compare': 'measure=prompts&by=intent&since=60d',
    '/api/alerts/preview': `rule=${encodeURIComponent('{"measure":"prompts","by":"intent","window":"7d","above":1}')}`,
    '/api/topics': 'since=60d',
    '/api/person': 'user=ada',
  };
  for (const path of paths) if (words.test(await get(`${path}?${queries[path] ?? ''}`))) places.push(path);
  for (const kind of ['view', 'segment', 'rule', 'dataset', 'topic', 'setting', 'state', 'note'])
    if (words.test(await get(`/api/documents/${kind}`))) places.push(kind);
  return places;
}

async function expectHersToBeGone(words: Words, bobs: unknown): Promise<void> {
  expect(await placesOf(words, HERS)).toEqual([]);
  // What others have said as well stays, with its id and version.
  expect(await words.topics()).toEqual(bobs);
  const alert = (await words.store.documents.get('alert', 'by intent'))?.value as {
    readonly history: readonly object[];
  };
  expect(alert.history.at(-1)).toMatchObject({ changes: [{ group: 'invoice question' }], more: 1 });
}

test('words of a person are in many places until then', async () => {
  const words = await useWords(1);
  const places = await placesOf(words, HERS);
  for (const place of ['file', '/api/topics', '/api/alerts', '/api/measure', '/api/records', 'topic'])
    expect(places).toContain(place);
  expect((await words.topics()).map(([name]) => name)).toEqual([...OTHERS, 'kazoo, xylophone']);
  // Settings can be read with a right to numbers alone.
  expect(places).not.toContain('setting');
  expect(await words.get('/api/documents/setting')).toContain('"repair"');
});

test('no word of texts that were erased by age is kept anywhere', async () => {
  const words = await useWords(40);
  const bobs = (await words.topics()).filter(([name]) => name !== 'kazoo, xylophone');
  const cleared: string[] = [];
  const limits = { store: words.store, textDays: 30, onLook: (until: string) => void cleared.push(until) };
  await new AgeLimits(limits).run();
  await expectHersToBeGone(words, bobs);
  expect(Date.parse(cleared[0] ?? '')).toBeCloseTo(Date.now() - 30 * DAY, -6);
  expect(await words.get('/api/stats')).toContain('"prompts":72');
});

test('no word of records that were deleted by age is kept anywhere, also where the engine deletes them', async () => {
  const words = await useWords(40);
  const bobs = (await words.topics()).filter(([name]) => name !== 'kazoo, xylophone');
  await new AgeLimits({ store: words.store, days: 30 }).run();
  await expectHersToBeGone(words, bobs);
  const others = await useWords(40);
  await others.store.remove({ users: ['ada'] });
  await new AgeLimits({ store: others.store, engineDeletesByAge: true }).run();
  expect(await placesOf(others, HERS)).toEqual([]);
});

test('no word of a person who was forgotten is kept anywhere, and topics are found again', async () => {
  const words = await useWords(1);
  const put = (kind: string, name: string, value: NewRecord['properties'][string]) =>
    words.store.documents.put({ kind, name, value });
  await put('dataset', 'gold', {
    items: [
      { recordId: 'ada-1', correctedAnswer: 'Tune the xylophone', userId: 'ada' },
      { recordId: 'bob-1', correctedAnswer: 'Pay the invoice' },
    ],
  });
  await put('note', 'ada-2', 'about a kazoo');
  await put('note', 'ada', 'plays the xylophone');
  await put('state', 'ada-3', { state: 'done', note: 'a xylophone again', of: 'conversation' });
  await put('state', 'gone', { state: 'done', note: 'kazoo', userId: 'ada' });
  const places = await placesOf(words, HERS);
  for (const place of [
    'dataset',
    'note',
    'state',
    '/api/person',
    '/api/datasets/:name'.replace(':name', 'gold'),
  ])
    expect(places).toContain(place);
  expect((await words.ask('DELETE', '/api/records?user=ada')).status).toBe(200);
  expect(await words.get('/api/datasets/gold')).toContain('Pay the invoice');
  expect(readFileSync(words.file, 'utf8')).not.toMatch(HERS);
  expect(await words.topics()).toEqual([]);
  expect(await placesOf(words, HERS)).toEqual([]);
  expect((await words.topics()).map(([name]) => name)).toEqual(OTHERS);
});

test('a topic goes with the last record that has one of its words, and with all records', async () => {
  const words = await useWords(1);
  const value = { name: 'glockenspiel', terms: ['glockenspiel', 'invoice'], found: true };
  await words.store.documents.put({ kind: 'topic', name: 'glockenspiel', value });
  await words.store.put([{ ...numbered(1), id: 'last', userId: 'cy', prompt: 'glockenspiel' }]);
  const names = async () => (await words.topics()).map(([name]) => name);
  expect((await words.ask('DELETE', '/api/records/bob-1')).status).toBe(200);
  expect(await names()).toEqual(['coffee, machine', 'glockenspiel', 'invoice, payment', 'kazoo, xylophone']);
  expect((await words.ask('DELETE', '/api/records/last')).status).toBe(200);
  expect(await names()).toEqual([...OTHERS, 'kazoo, xylophone']);
  expect(readFileSync(words.file, 'utf8')).not.toContain('glockenspiel');
  expect((await words.ask('DELETE', '/api/records')).status).toBe(200);
  expect(await names()).toEqual([]);
  expect(readFileSync(words.file, 'utf8')).not.toMatch(/xylophone|invoice/);
});

test('topics and alerts that people wrote stay, and the audit log has no word of a topic', async () => {
  const words = await useWords(40);
  await words.store.documents.put({ kind: 'topic', name: 'own', value: { name: 'Own', terms: ['harp'] } });
  await new AgeLimits({ store: words.store, textDays: 30 }).run();
  expect((await words.topics()).map(([name]) => name)).toEqual([...OTHERS, 'own']);
  const edited = await words.ask('DELETE', '/api/documents/topic/invoice%2C%20payment');
  expect(edited.status).toBe(200);
  const audit = await words.get('/api/audit?kind=topic&document=invoice%2C%20payment');
  expect(audit).toContain('delete_document');
  expect(audit).not.toContain('invoice');
});

test('texts under names of facts leave the alerts that group by them, and names stay', async () => {
  const store = new MemoryStore();
  const timestamp = new Date(Date.now() - 40 * DAY).toISOString();
  const asked = [{ name: 'look', arguments: '{"for":"kazoo"}' }];
  const values = {
    tool_calls: [JSON.stringify(asked), 'look({"for":"kazoo"})', '["look"]', '["look","find"]'],
    calls: ['[{"a kazoo":1}]', '[{"model":"m"}]'],
    error_type: ['No "kazoo" left', 'Timeout', '429'],
    harp: ['kazoo'],
  };
  for (const [name, groups] of Object.entries(values)) {
    const lasting = groups.map((group) => ({ group, since: timestamp }));
    const changes = groups.map((group) => ({ group, to: 'ok', value: 1, n: null }));
    const history = [{ id: '1', at: timestamp, changes, more: 0, posts: [] }];
    const value = { about: `prompts by prop.${name}`, alerting: lasting, pending: [], history };
    await store.documents.put({ kind: 'alert', name, value });
  }
  await store.put([{ ...numbered(1), timestamp, properties: { tool_calls: asked, harp: 'kazoo' } }]);
  await new AgeLimits({ store, textDays: 30 }).run();
  const left = Object.fromEntries(
    (await store.documents.list('alert')).map(({ name, value }) => [name, value]),
  );
  expect(JSON.stringify(left)).not.toContain('kazoo');
  const kept = (...groups: readonly string[]) => ({
    alerting: groups.map((group) => ({ group })),
    history: [{ changes: groups.map((group) => ({ group })) }],
  });
  expect(left).toMatchObject({
    tool_calls: kept('["look"]', '["look","find"]'),
    calls: kept('[{"model":"m"}]'),
    error_type: kept('Timeout', '429'),
    harp: kept(),
  });
});

test('texts leave the history of a rule that groups by something else now', async () => {
  const store = new MemoryStore();
  const at = new Date(Date.now() - 40 * DAY).toISOString();
  const entry = (group: string, about?: string) => ({
    id: group,
    at,
    changes: [{ group, to: 'ok', value: 1, n: null }],
    more: 0,
    posts: [],
    ...(about !== undefined && { about }),
  });
  const history = [entry('kazoo'), entry('kazoo', 'cost by prop.harp'), entry('gpt', 'cost by model')];
  const value = { about: 'prompts by model', alerting: [], pending: [], history };
  await store.documents.put({ kind: 'alert', name: 'r', value });
  await store.put([{ ...numbered(1), timestamp: at, properties: { harp: 'kazoo' } }]);
  await new AgeLimits({ store, textDays: 30 }).run();
  const left = await store.documents.get('alert', 'r');
  // A model may have any name.
  expect(left?.value).toMatchObject({
    history: [{ changes: [{ group: 'kazoo' }] }, { changes: [], more: 1 }, { changes: [{ group: 'gpt' }] }],
  });
});

test('spans that are kept to be joined and explained go with texts of their age', async () => {
  const requesterOf = () => ({ access: 'open' }) as const;
  const options = { store: new MemoryStore(), budget: new ByteBudget(), requesterOf, textRetentionDays: 30 };
  const { traces, ages } = createProjectParts(options);
  traces.add([makeChatSpan({ startMs: Date.now() - 31 * DAY })]);
  traces.add([makeChatSpan({ traceId: 'b'.repeat(32), startMs: Date.now() - 29 * DAY })]);
  await ages.run();
  expect(traces.inspect(explainBuffered)).toMatchObject([{ traceId: 'b'.repeat(32) }]);
});

test('who asks after something was erased gets no answer that was begun before', async () => {
  const store = new MemoryStore();
  const requesterOf = () => ({ access: 'open' }) as const;
  const options = { store, budget: new ByteBudget(), requesterOf, retentionDays: 30 };
  const { answers, eraser, ages } = createProjectParts(options);
  const begun: readonly PendingAnswers<unknown>[] = Object.values(answers);
  const by = requesterOf();
  const erasures = [
    () => eraser.deleteAll(by),
    () => eraser.forget(['ada'], by),
    () => eraser.deleteRecord('1', by),
    () => ages.run(),
  ];
  for (const erase of erasures) {
    await store.put([numbered(1)]);
    for (const pending of begun) void pending.read('', () => new Promise<never>(() => undefined));
    await erase();
    for (const pending of begun)
      await expect(pending.read('', () => Promise.reject(new Error('asked anew')))).rejects.toThrow('anew');
  }
});

/** A store with 1,000 prompts that have two words, a last one with another word, and a topic of each list of terms; it counts the records that are read. */
async function useReadCounts(topics: Readonly<Record<string, readonly string[]>>) {
  const store = new MemoryStore();
  await store.put(Array.from({ length: 1000 }, (_, at) => ({ ...numbered(at), prompt: 'Invoice payments' })));
  await store.put([event('last', 'LLM error', { prompt: 'a harp' })]);
  for (const [name, terms] of Object.entries(topics))
    await store.documents.put({ kind: 'topic', name, value: { name, terms: [...terms], found: true } });
  const list = vi.spyOn(store, 'list');
  let read = 0;
  const readAll = store.export.bind(store);
  vi.spyOn(store, 'export').mockImplementation(async function* (query) {
    for await (const chunk of readAll(query)) {
      read += chunk.length;
      yield chunk;
    }
  });
  const names = async () => (await store.documents.list('topic')).map(({ name }) => name);
  return { store, list, names, read: () => read };
}

test('topics whose terms are frequent are known to stay after the first records, however many there are', async () => {
  const { store, list, names, read } = await useReadCounts({
    one: ['invoice', 'payment'],
    other: ['payment'],
  });
  expect(await forgetLostTopics(store)).toBe(false);
  expect(await names()).toEqual(['one', 'other']);
  expect([list.mock.calls.length, read()]).toEqual([0, 100]);
});

test('records are read once for all terms, also for those that none of them has', async () => {
  const { store, list, names, read } = await useReadCounts({
    late: ['harp', 'invoice'],
    lost: ['kazoo', 'invoice'],
    other: ['xylophone'],
  });
  expect(await forgetLostTopics(store, new Set(['late', 'lost']))).toBe(true);
  expect(await names()).toEqual(['late', 'other']);
  expect([list.mock.calls.length, read()]).toEqual([0, 1001]);
});
