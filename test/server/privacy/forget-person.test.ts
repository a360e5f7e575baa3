import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunningServer, StartServerOptions, StoredRecord } from '../../../src/server/index.js';
import { protobufRequest } from '../../support/otlp-encoder.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { useFolder } from '../../support/use-folder.js';
import { useServer } from '../../support/use-server.js';

const SECRET = 'the colour of my kitchen';

interface Item {
  readonly id: string;
  readonly user: string;
  readonly event?: string;
  readonly properties?: Record<string, unknown>;
}

/** Everything that can be about somebody: two of Ada's turns, what others and she say about them, and what only looks alike. */
const ITEMS: readonly Item[] = [
  { id: 'turn', user: 'ada' },
  { id: 'call 1', user: 'ada', event: 'LLM call', properties: { turn_id: 'turn', prompt: SECRET } },
  { id: 'call 2', user: 'anonymous', event: 'LLM call', properties: { turn_id: 'turn', prompt: SECRET } },
  { id: 'error', user: 'ada', event: 'LLM error', properties: { error_type: 'Timeout', prompt: SECRET } },
  { id: 'her thumb', user: 'ada', event: 'User feedback', properties: { record_id: 'turn', score: 1 } },
  { id: 'thumb', user: 'bob', event: 'User feedback', properties: { record_id: 'turn', comment: SECRET } },
  {
    id: 'score',
    user: 'judge',
    event: 'Correctness',
    properties: { record_id: 'call 1', explanation: SECRET },
  },
  { id: 'sign up', user: 'ada', event: 'Sign up', properties: { from: SECRET } },
  { id: 'of bob', user: 'bob' },
  {
    id: 'her thumb of bob',
    user: 'ada',
    event: 'User feedback',
    properties: { record_id: 'of bob', score: 0 },
  },
  { id: 'of adam', user: 'adam' },
  { id: 'of Ada', user: 'Ada' },
];
const HERS = ITEMS.slice(0, 8).map(({ id }) => id);
const GONE = [...HERS, 'her thumb of bob'];
const LEFT = ['of bob', 'of adam', 'of Ada'];

async function send(server: RunningServer, items: readonly Item[] = ITEMS): Promise<void> {
  for (const { id, user, event, properties = {} } of items) {
    const common = {
      user_id: user,
      timestamp: '2026-01-02T03:04:05.000Z',
      properties: { $event_id: id, ...properties },
    };
    if (event === undefined)
      await post(server, [prompt({ ...common, thread_id: `thread of ${user}`, prompt: SECRET })]);
    else await post(server, [{ ...common, event }], {}, 'publish_events');
  }
}

async function sendSpans(
  server: RunningServer,
  ...spans: Parameters<typeof protobufRequest>[0]
): Promise<void> {
  const response = await fetch(server.tracesUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(protobufRequest(spans)),
  });
  expect(response.status).toBe(200);
}

async function remove(server: RunningServer, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'DELETE',
    headers: { 'user-agent': 'a browser' },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

async function exported(server: RunningServer, query: string): Promise<string[]> {
  const text = await (await fetch(`${server.url}/api/export?${query}`)).text();
  return text.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as StoredRecord).id]));
}

function idsOf(server: RunningServer): string[] {
  return server.records().map(({ id }) => id);
}

async function useFile(): Promise<string> {
  return join(await useFolder(), 'records.jsonl');
}

test('forgetting a person deletes prompts, calls, events and feedback, and says how many', async () => {
  const server = await useServer();
  await send(server);
  const preview = await getJson(server, '/api/erasure?user=ada');
  expect(preview).toEqual({
    records: 9,
    prompts: 1,
    calls: 2,
    feedback: 4,
    events: 2,
    conversations: 1,
    ofOthers: 3,
    forwarded: [],
    mentions: [],
  });
  expect(idsOf(server)).toHaveLength(ITEMS.length);
  expect(await remove(server, '/api/records?user=ada')).toEqual({ deleted: 9, ...preview });
  expect(idsOf(server)).toEqual(LEFT);
  expect(await remove(server, '/api/records?user=ada')).toMatchObject({ deleted: 0 });
});

test('people who are known by feedback or events alone are listed, exported and forgotten as well', async () => {
  const server = await useServer();
  await send(server);
  const { users } = await getJson<{ users: { userId: string }[] }>(server, '/api/users');
  expect(users.map(({ userId }) => userId)).toContain('judge');
  expect(await exported(server, 'user=judge')).toEqual(['score']);
  expect(await remove(server, '/api/records?user=judge')).toMatchObject({ deleted: 1, feedback: 1 });
  expect(idsOf(server)).not.toContain('score');
});

test('the export of a person has everything that forgetting deletes; with other filters, what matches', async () => {
  const server = await useServer();
  await send(server);
  expect((await exported(server, 'user=ada')).toSorted()).toEqual(GONE.toSorted());
  expect((await exported(server, 'user=ada&format=jsonl')).toSorted()).toEqual(GONE.toSorted());
  expect(await exported(server, 'user=ada&kind=prompt')).toEqual(['turn']);
  const csv = await (await fetch(`${server.url}/api/export?user=ada&format=csv`)).text();
  for (const id of GONE) expect(csv).toContain(id);
});

test('several people are forgotten in one request; users that look alike are kept', async () => {
  const server = await useServer();
  await send(server);
  expect(await remove(server, '/api/records?user=ada&user=bob')).toMatchObject({ deleted: 10 });
  expect(idsOf(server)).toEqual(['of adam', 'of Ada']);
});

test('deleting a prompt takes its calls and feedback along, and feedback on these', async () => {
  const server = await useServer();
  await send(server);
  expect(await remove(server, '/api/records/turn')).toEqual({ deleted: 6 });
  expect(idsOf(server)).toEqual(['error', 'sign up', 'of bob', 'her thumb of bob', 'of adam', 'of Ada']);
  expect(await remove(server, '/api/records/of%20adam')).toEqual({ deleted: 1 });
  expect((await fetch(`${server.url}/api/records/turn`, { method: 'DELETE' })).status).toBe(404);
});

test.each(['/api/records?user=ada', '/api/records/turn'])(
  'what DELETE %s has deleted does not come back by repeated or late deliveries',
  async (path) => {
    const file = await useFile();
    for (const options of [{}, { file }] as const) {
      const server = await useServer(options);
      await send(server);
      await remove(server, path);
      const left = idsOf(server);
      await send(server);
      await post(
        server,
        [{ user_id: 'eve', event: 'User feedback', properties: { record_id: 'turn' } }],
        {},
        'publish_events',
      );
      await post(
        server,
        [{ user_id: 'eve', event: 'LLM call', properties: { turn_id: 'turn' } }],
        {},
        'publish_events',
      );
      expect(idsOf(server)).toEqual(left);
      const { store } = await getJson<{ store: { refused: number } }>(server, '/api/stats');
      expect(store.refused).toBe(ITEMS.length - left.length + 2);
      await server.close();
    }
    const again = await useServer({ file });
    const left = idsOf(again);
    await send(again);
    expect(idsOf(again)).toEqual(left);
  },
);

test('a person who was forgotten and comes back is recorded anew', async () => {
  const server = await useServer();
  await send(server);
  await remove(server, '/api/records?user=ada');
  await send(server, [{ id: 'new', user: 'ada' }]);
  expect(idsOf(server)).toEqual([...LEFT, 'new']);
});

test('nothing of a deleted record is left in the file, also not of earlier versions and evicted records', async () => {
  const file = await useFile();
  const server = await useServer({ file, maxRecords: 20 });
  await send(server, ITEMS);
  await post(server, [prompt({ user_id: 'ada', prompt: `${SECRET}?`, properties: { $event_id: 'turn' } })]);
  await send(
    server,
    LEFT.map((id) => ({ id, user: 'bob' })),
  );
  await remove(server, '/api/records?user=ada');
  const text = readFileSync(file, 'utf8');
  for (const id of GONE) expect(text).not.toContain(`"${id}"`);
  expect(text).not.toContain('"ada"');
  // Two of adam's and Ada's records have the same text.
  for (const id of LEFT) await remove(server, `/api/records/${encodeURIComponent(id)}`);
  expect(readFileSync(file, 'utf8')).not.toContain(SECRET);
  const small = await useServer({ file: await useFile(), maxRecords: 3 });
  await send(small, [{ id: 'early', user: 'ada' }, ...['1', '2', '3'].map((id) => ({ id, user: 'bob' }))]);
  expect(idsOf(small)).toEqual(['1', '2', '3']);
  await remove(small, '/api/records?user=ada');
  expect(idsOf(small)).toEqual(['1', '2', '3']);
});

test('deleting everything keeps what was forgotten forgotten, and lets the rest be imported again', async () => {
  const file = await useFile();
  const server = await useServer({ file });
  await send(server);
  await remove(server, '/api/records?user=ada');
  expect(await remove(server, '/api/records')).toEqual({ deleted: 3 });
  expect(readFileSync(file, 'utf8')).not.toContain(SECRET);
  await send(server);
  expect(idsOf(server)).toEqual(LEFT);
});

const TRACE = 'c'.repeat(32);

/** A call in a framework's span, in the span of a request that has the user. */
function nestedSpans() {
  const root = makeSpan({ traceId: TRACE, attributes: { 'user.id': 'ada' }, durationMs: 4000 });
  const outer = makeChatSpan({
    traceId: TRACE,
    parentSpanId: root.spanContext().spanId,
    prompt: SECRET,
    durationMs: 3000,
  });
  const chain = makeSpan({ traceId: TRACE, parentSpanId: outer.spanContext().spanId, durationMs: 2500 });
  const inner = makeChatSpan({
    traceId: TRACE,
    parentSpanId: chain.spanContext().spanId,
    prompt: SECRET,
    attributes: { 'user.id': 'ada' },
  });
  return { root, outer, chain, inner };
}

const idOf = (span: ReturnType<typeof makeSpan>): string => `${TRACE}-${span.spanContext().spanId}`;

test.each(['forget', 'delete'] as const)(
  'spans that arrive after a call of their trace was deleted do not bring it back (%s)',
  async (how) => {
    for (const restart of [false, true]) {
      const file = await useFile();
      const options: StartServerOptions = { file };
      let server = await useServer(options);
      const { root, outer, chain, inner } = nestedSpans();
      await sendSpans(server, inner);
      expect(idsOf(server)).toEqual([idOf(inner)]);
      await remove(server, how === 'forget' ? '/api/records?user=ada' : `/api/records/${idOf(inner)}`);
      if (restart) await server.close();
      if (restart) server = await useServer(options);
      // The call of the outer span is known to be the same call by the chain between both; after a restart by its user or its content.
      await sendSpans(server, inner, chain);
      await sendSpans(server, outer, root);
      await sendSpans(server, inner, chain, outer, root);
      expect(idsOf(server)).toEqual([]);
      await server.close();
    }
  },
);

test('another span of the same call does not bring back a forgotten person after a restart', async () => {
  const file = await useFile();
  const first = await useServer({ file });
  const { root, outer, inner } = nestedSpans();
  await sendSpans(first, inner);
  await remove(first, '/api/records?user=ada');
  await first.close();
  const second = await useServer({ file });
  // At first without a user, then with the one of the request.
  await sendSpans(second, outer);
  await sendSpans(second, root);
  expect(idsOf(second)).toEqual([]);
});

test('a span inside of a deleted call does not bring it back, also when it is repeated after a restart', async () => {
  const file = await useFile();
  const first = await useServer({ file });
  const outer = makeChatSpan({ traceId: TRACE, prompt: SECRET, durationMs: 3000 });
  const inner = makeChatSpan({ traceId: TRACE, parentSpanId: outer.spanContext().spanId, prompt: SECRET });
  await sendSpans(first, inner, outer);
  expect(idsOf(first)).toEqual([idOf(outer)]);
  await remove(first, `/api/records/${idOf(outer)}`);
  await sendSpans(first, inner);
  expect(idsOf(first)).toEqual([]);
  await first.close();
  const second = await useServer({ file });
  await sendSpans(second, inner);
  await sendSpans(second, outer);
  expect(idsOf(second)).toEqual([]);
});

test('the calls of others in the trace of a forgotten person are kept, and so are her later ones', async () => {
  const server = await useServer();
  const call = (user: string, startMs?: number) =>
    makeChatSpan({
      traceId: TRACE,
      attributes: { 'user.id': user },
      ...(startMs !== undefined && { startMs }),
    });
  const [hers, his, late, later] = [call('ada'), call('bob'), call('bob'), call('ada', Date.now() + 60_000)];
  await sendSpans(server, hers, his);
  await remove(server, '/api/records?user=ada');
  await sendSpans(server, late, later, hers);
  expect(idsOf(server).toSorted()).toEqual([his, late, later].map(idOf).toSorted());
});

test('the audit log says who deleted what and when, without content and without the ids of people', async () => {
  const file = await useFile();
  const first = await useServer({ file, token: 'secret-token' });
  const ask = (server: RunningServer, path: string, method = 'GET'): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: 'Bearer secret-token', 'user-agent': 'a browser' },
    });
  for (const { id, user } of ITEMS.filter(({ event }) => event === undefined))
    await post(first, [prompt({ user_id: user, prompt: SECRET, properties: { $event_id: id } })], {
      'x-api-key': 'secret-token',
    });
  for (const path of ['?user=ada', '/of%20bob', ''])
    expect((await ask(first, `/api/records${path}`, 'DELETE')).status).toBe(200);
  await first.close();
  const second = await useServer({ file, token: 'secret-token' });
  const log = (await (await ask(second, '/api/audit')).json()) as {
    entries: Record<string, unknown>[];
    total: number;
  };
  const by = { access: 'token', address: '127.0.0.1', userAgent: 'a browser' };
  expect(log).toMatchObject({
    total: 3,
    entries: [
      { action: 'delete_all', by, outcome: 'done', deleted: { prompts: 2 } },
      { action: 'delete_record', by, outcome: 'done', deleted: { prompts: 1 }, record: expect.any(String) },
      {
        action: 'forget_person',
        by,
        outcome: 'done',
        deleted: { prompts: 1, calls: 0 },
        person: expect.any(String),
      },
    ],
  });
  for (const { at } of log.entries) expect(Date.now() - Date.parse(String(at))).toBeLessThan(600_000);
  for (const text of [JSON.stringify(log), readFileSync(file, 'utf8')])
    for (const forbidden of [SECRET, '"ada"', 'of bob', 'secret-token'])
      expect(text).not.toContain(forbidden);
  const about = async (query: string): Promise<unknown[]> =>
    ((await (await ask(second, `/api/audit?${query}`)).json()) as { entries: unknown[] }).entries;
  expect(await about('user=ada')).toEqual([log.entries[2]]);
  expect(await about('user=adam')).toEqual([]);
  expect(await about('record=of%20bob')).toEqual([log.entries[1]]);
  expect(await about('limit=1')).toEqual([log.entries[0]]);
});

test('what was forwarded of a person is listed with the host, also after a restart without forwarding', async () => {
  const host = await useServer();
  const file = await useFile();
  const first = await useServer({ file, forwardTo: { host: host.ingestionUrl } });
  await send(first);
  await first.close();
  expect(idsOf(host)).toHaveLength(ITEMS.length);
  expect(host.records().some((record) => 'forwardedTo' in record || 'forwardedTo' in record.properties)).toBe(
    false,
  );
  const second = await useServer({ file });
  await send(second, [{ id: 'not forwarded', user: 'ada' }, ...ITEMS]);
  expect(await getJson(second, '/api/erasure?user=ada')).toMatchObject({ records: 10 });
  const { deleted, forwarded } = await remove(second, '/api/records?user=ada');
  expect(deleted).toBe(10);
  expect(forwarded).toEqual([{ to: host.ingestionUrl, ids: expect.arrayContaining(GONE) as unknown }]);
  expect((forwarded as { ids: string[] }[])[0]?.ids).toHaveLength(GONE.length);
  expect(await getJson(second, '/api/audit')).toMatchObject({
    entries: [{ forwarded: [{ to: host.ingestionUrl, records: 9 }] }],
  });
});

test('a call that waits to be forwarded when its person is forgotten is not forwarded, nor listed', async () => {
  const host = await useServer();
  const server = await useServer({ forwardTo: { host: host.ingestionUrl } });
  await sendSpans(server, makeChatSpan({ attributes: { 'user.id': 'ada' } }));
  expect(await remove(server, '/api/records?user=ada')).toMatchObject({ deleted: 1, forwarded: [] });
  await server.close();
  expect(host.records()).toEqual([]);
});

test('the page no longer shows refused texts of anybody once somebody was forgotten', async () => {
  const server = await useServer();
  await post(server, [prompt({ user_id: 'ada', latency: SECRET })]);
  expect(JSON.stringify(await getJson(server, '/api/rejections'))).toContain(SECRET);
  await remove(server, '/api/records?user=ada');
  expect(JSON.stringify(await getJson(server, '/api/rejections'))).not.toContain(SECRET);
});

test.each(['', 'user=', 'usr=ada', 'user=ada&kind=prompt'])(
  'a preview with the parameters "%s" is refused',
  async (query) => {
    const server = await useServer();
    expect((await fetch(`${server.url}/api/erasure?${query}`)).status).toBe(400);
  },
);
