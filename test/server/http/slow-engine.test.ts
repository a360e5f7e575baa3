import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  createServer,
  MemoryStore,
  type RecordList,
  type RecordQuery,
  type RecordStore,
} from '../../../src/server/index.js';

const LATENCY_MS = 5;

/** An engine like a database: every answer takes time, cursors are no numbers, and nothing can be read without waiting. */
function slowStore(): RecordStore {
  const memory = new MemoryStore();
  const encode = (cursor: string): string => `at-${cursor}`;
  const decode = (cursor: string): string => cursor.replace(/^at-/, '');
  const late = async <T>(answer: Promise<T>): Promise<T> => (await setTimeout(LATENCY_MS), answer);
  const lateChange = async <T extends { readonly cursor: string }>(answer: Promise<T>): Promise<T> => {
    const change = await late(answer);
    return { ...change, cursor: encode(change.cursor) };
  };
  return {
    put: (records) => lateChange(memory.put(records)),
    remove: (query) => lateChange(memory.remove(query)),
    erase: (erasure) => lateChange(memory.erase(erasure)),
    erased: (ids) => late(memory.erased(ids)),
    // Asks at intervals, as an engine does that is not told what other servers write.
    watch(listener) {
      const timer = setInterval(listener, LATENCY_MS);
      return () => clearInterval(timer);
    },
    documents: {
      put: (document, expected) => late(memory.documents.put(document, expected)),
      get: (kind, name) => late(memory.documents.get(kind, name)),
      list: (kind) => late(memory.documents.list(kind)),
      count: (kind) => late(memory.documents.count(kind)),
      delete: (kind, name, expected) => late(memory.documents.delete(kind, name, expected)),
    },
    changes: (since, limit) => lateChange(memory.changes(since && decode(since), limit)),
    get: (ids) => late(memory.get(ids)),
    async list(query, { before, ...request }) {
      const page = await late(memory.list(query, { ...request, ...(before && { before: decode(before) }) }));
      return page.next === undefined ? page : { ...page, next: encode(page.next) };
    },
    users: (query, limit) => late(memory.users(query, limit)),
    threads: (query, limit, order) => late(memory.threads(query, limit, order)),
    activity: (query, request) => late(memory.activity(query, request)),
    retention: (query, request) => late(memory.retention(query, request)),
    sample: (query, limit) => late(memory.sample(query, limit)),
    measure: (query, request) => late(memory.measure(query, request)),
    statistics: (query, buckets) => late(memory.statistics(query, buckets)),
    async *export(query: RecordQuery) {
      for await (const chunk of memory.export(query)) yield await late(Promise.resolve(chunk));
    },
    usage: () => late(memory.usage()),
    close: () => memory.close(),
  };
}

function useSlowServer() {
  const server = createServer({ store: slowStore() });
  const send = (path: string, init?: RequestInit): Promise<Response> =>
    server.fetch(new Request(`http://127.0.0.1${path}`, init));
  return {
    send,
    getJson: async <T>(path: string): Promise<T> => (await (await send(path)).json()) as T,
    publish: (...ids: readonly string[]) =>
      send('/api/ingestion/publish_llm_events', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
        body: JSON.stringify(
          ids.map((id) => ({ user_id: 'ada', prompt: id, generation: 'g', properties: { $event_id: id } })),
        ),
      }),
  };
}

/** Reads a live stream until a text occurs in it. */
async function readUntil(response: Response, text: string): Promise<string> {
  let seen = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    seen += chunk;
    if (seen.includes(text)) break;
  }
  return seen;
}

test('pages of an engine with cursors that are no numbers hang together', async () => {
  const { getJson, publish } = useSlowServer();
  await publish('1', '2', '3');
  const first = await getJson<RecordList>('/api/records?limit=2');
  expect([first.records.map(({ id }) => id), first.before]).toEqual([['3', '2'], 'at-2']);
  const second = await getJson<RecordList>(`/api/records?limit=2&before=${first.before}`);
  expect([second.records.map(({ id }) => id), second.before]).toEqual([['1'], null]);
});

test('an engine whose answers take time serves every route of the API', async () => {
  const { send, getJson, publish } = useSlowServer();
  await publish('1', '2');
  expect(await getJson('/api/records/2')).toMatchObject({ prompt: '2' });
  expect(await getJson('/api/users')).toMatchObject({ total: 1 });
  expect(await getJson('/api/threads')).toMatchObject({ total: 0 });
  expect(await getJson('/api/stats')).toMatchObject({ records: 2, store: { records: 2 } });
  expect((await (await send('/api/export')).text()).trim().split('\n')).toHaveLength(2);
  expect(await (await send('/api/records/1', { method: 'DELETE' })).json()).toEqual({ deleted: 1 });
  expect(await (await send('/api/records', { method: 'DELETE' })).json()).toEqual({ deleted: 1 });
  expect(await getJson('/api/records')).toMatchObject({ total: 0 });
});

test('a page that reconnects gets what it has missed from an engine whose answers take time', async () => {
  const { send, publish } = useSlowServer();
  const open = await send('/api/live');
  await publish('1');
  const id = /event: records\nid: (\S+)\n/.exec(await readUntil(open, '"prompt":"1"'))?.[1] ?? '';
  expect(id).toMatch(/^\w+-at-1$/);
  await publish('2');
  const again = await send('/api/live', { headers: { 'last-event-id': id } });
  const seen = await readUntil(again, '"prompt":"2"');
  expect(seen).toContain('data: {"revision":"at-2"');
  expect(seen).not.toContain('"prompt":"1"');
  expect(seen).not.toContain('event: reset');
});
