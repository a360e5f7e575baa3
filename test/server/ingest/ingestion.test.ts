import { expect, test } from 'vitest';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

test('a prompt is stored with all of its fields', async () => {
  const server = await useServer();
  const answer = await post(server, [
    prompt({
      assistant_id: 'gpt-4o',
      thread_id: 't1',
      timestamp: '2026-01-02T03:04:05.678+02:00',
      latency: 1.25,
      prompt_event_name: 'Question',
      generation_event_name: 'Reply',
      properties: { $event_id: 'e1', tags: ['a', 'b', 'a'], input_tokens: 3 },
    }),
  ]);
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok', received: 1 }]);
  expect(server.records()).toEqual([
    {
      seq: 1,
      kind: 'prompt',
      id: 'e1',
      userId: 'ada',
      threadId: 't1',
      prompt: 'What is a span?',
      generation: 'A step of a trace.',
      assistantId: 'gpt-4o',
      latency: 1.25,
      promptEventName: 'Question',
      generationEventName: 'Reply',
      timestamp: '2026-01-02T01:04:05.678Z',
      receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      tags: ['a', 'b'],
      properties: { $event_id: 'e1', tags: ['a', 'b', 'a'], input_tokens: 3 },
    },
  ]);
});

test('properties that are nested too deep are refused by name, and are no error of the server', async () => {
  const server = await useServer();
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
  const good = JSON.stringify(prompt({}));
  const answer = await post(server, `[${good},${good.slice(0, -1)},"properties":${deep}}]`);
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ detail: [{ loc: ['body', 1, 'properties'] }] });
});

test('optional fields of a prompt may be absent, and its time is then now', async () => {
  const server = await useServer();
  const before = Date.now();
  await post(server, [
    prompt({ assistant_id: null, latency: null, timestamp: null, properties: null, thread_id: null }),
  ]);
  const [record] = server.records();
  expect(record).not.toHaveProperty('assistantId');
  expect(record).not.toHaveProperty('latency');
  expect(record).not.toHaveProperty('threadId');
  expect(record?.id).toMatch(/^[\da-f-]{36}$/);
  expect(Date.parse(record?.timestamp ?? '')).toBeGreaterThanOrEqual(before);
});

test('the thread of a prompt may be given as the property $thread_id', async () => {
  const server = await useServer();
  await post(server, [prompt({ properties: { $thread_id: 'inner' } })]);
  expect(server.records()).toMatchObject([{ threadId: 'inner' }]);
});

test('an event is stored, with an empty answer allowed in prompts only', async () => {
  const server = await useServer();
  const event = { user_id: 'ada', event: 'Sign up', properties: { plan: 'free' } };
  expect((await post(server, [event], {}, 'publish_events')).status).toBe(200);
  expect((await post(server, [{ ...event, event: '' }], {}, 'publish_events')).status).toBe(422);
  expect((await post(server, [prompt({ generation: '' })])).status).toBe(200);
  expect(server.records()).toMatchObject([
    { kind: 'event', event: 'Sign up', userId: 'ada', properties: { plan: 'free' } },
    { kind: 'prompt', generation: '' },
  ]);
});

test('a repeated delivery replaces the record and keeps its place', async () => {
  const server = await useServer();
  await post(server, [prompt({ properties: { $event_id: 'x' } }), prompt({ prompt: 'second' })]);
  await post(server, [prompt({ generation: 'better', properties: { $event_id: 'x' } })]);
  expect(server.records()).toMatchObject([{ id: 'x', seq: 1, generation: 'better' }, { prompt: 'second' }]);
});

interface Invalid {
  readonly name: string;
  readonly item: unknown;
  readonly type: string;
  readonly field?: string;
}

const INVALID: readonly Invalid[] = [
  { name: 'no generation', item: { user_id: 'a', prompt: 'p' }, type: 'missing', field: 'generation' },
  { name: 'no user', item: { prompt: 'p', generation: 'g' }, type: 'missing', field: 'user_id' },
  { name: 'an empty user', item: prompt({ user_id: '' }), type: 'string_too_short', field: 'user_id' },
  { name: 'a null prompt', item: prompt({ prompt: null }), type: 'string_type', field: 'prompt' },
  { name: 'a list as prompt', item: prompt({ prompt: ['p'] }), type: 'string_type', field: 'prompt' },
  {
    name: 'a number as model',
    item: prompt({ assistant_id: 4 }),
    type: 'string_type',
    field: 'assistant_id',
  },
  { name: 'a word as latency', item: prompt({ latency: 'fast' }), type: 'float_parsing', field: 'latency' },
  { name: 'an object as latency', item: prompt({ latency: {} }), type: 'float_type', field: 'latency' },
  {
    name: 'a word as time',
    item: prompt({ timestamp: 'yesterday' }),
    type: 'datetime_from_date_parsing',
    field: 'timestamp',
  },
  { name: 'a list as time', item: prompt({ timestamp: [] }), type: 'datetime_type', field: 'timestamp' },
  { name: 'a list as properties', item: prompt({ properties: [] }), type: 'dict_type', field: 'properties' },
  { name: 'a string as item', item: 'p', type: 'model_attributes_type' },
  { name: 'null as item', item: null, type: 'model_attributes_type' },
];

test.each(INVALID)(
  'an item with $name is refused by index and field, and nothing is stored',
  async ({ item, type, field }) => {
    const server = await useServer();
    const answer = await post(server, [prompt(), item]);
    expect(answer.status).toBe(422);
    const { detail } = (await answer.json()) as { detail: { loc: unknown; type: string; msg: string }[] };
    expect(detail).toHaveLength(1);
    expect(detail[0]).toMatchObject({
      type,
      loc: field === undefined ? ['body', 1] : ['body', 1, field],
      msg: expect.any(String),
    });
    expect(server.records()).toEqual([]);
  },
);

test.each([
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02T03:04:05.123456+00:00', '2026-01-02T03:04:05.123Z'],
  ['2026-01-02 03:04:05', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02T03:04-0130', '2026-01-02T04:34:00.000Z'],
  ['2026-01-02', '2026-01-02T00:00:00.000Z'],
  [1_767_323_045, '2026-01-02T03:04:05.000Z'],
  [1_767_323_045_000, '2026-01-02T03:04:05.000Z'],
  ['1767323045', '2026-01-02T03:04:05.000Z'],
  ['1767323045.25', '2026-01-02T03:04:05.250Z'],
  ['1767323045000', '2026-01-02T03:04:05.000Z'],
  ['2024-02-29t23:59:59,5z', '2024-02-29T23:59:59.500Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
])('the timestamp %s of a prompt is understood', async (timestamp, expected) => {
  const server = await useServer();
  await post(server, [prompt({ timestamp })]);
  expect(server.records()[0]?.timestamp).toBe(expected);
});

test.each([
  '2026-02-30',
  '2026-02-30T10:00:00Z',
  '2026-13-01',
  '2026-01-02T24:00:00Z',
  '2026-01-02T03:60:00Z',
  1_767_323_045_000_000,
  '1767323045000000',
  1e300,
  '2026-01-02T03:04:05Z and more',
])('the timestamp %s, which no calendar has, is refused', async (timestamp) => {
  const server = await useServer();
  expect((await post(server, [prompt({ timestamp })])).status).toBe(422);
});

test('NaN and infinities, which Python writes and FastAPI reads, are null, and do not cost the other items', async () => {
  const server = await useServer();
  const [nan, other] = [prompt({ latency: 1, properties: { score: 1, note: 'NaN' } }), prompt()].map((item) =>
    JSON.stringify(item),
  );
  const body = `[${nan?.replace('"latency":1', '"latency":NaN').replace('"score":1', '"score":-Infinity')},${other}]`;
  expect(body).toContain('"score":-Infinity');
  expect((await post(server, body)).status).toBe(200);
  expect(server.records()).toMatchObject([{ properties: { score: null, note: 'NaN' } }, {}]);
  expect(server.records()[0]).not.toHaveProperty('latency');
  expect((await post(server, body.slice(0, -1))).status).toBe(422);
});

test('a response to invalid items never repeats a long text', async () => {
  const server = await useServer();
  const answer = await post(server, [{ user_id: 'a', prompt: 'secret '.repeat(100) }]);
  expect(await answer.text()).not.toContain('secret');
});

test.each([
  ['no list', {}, 'list_type'],
  ['an empty list', [], 'too_short'],
  ['101 items', Array.from({ length: 101 }, () => prompt()), 'too_long'],
  ['no JSON', '[{', 'json_invalid'],
])('an ingestion request with %s is refused', async (_name, body, type) => {
  const server = await useServer();
  const answer = await post(server, body);
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ detail: [{ type }] });
});

test('a request of a hundred items is accepted', async () => {
  const server = await useServer();
  expect(
    (
      await post(
        server,
        Array.from({ length: 100 }, () => prompt()),
      )
    ).status,
  ).toBe(200);
  expect(server.records()).toHaveLength(100);
});

test('a missing API key is refused, any other is accepted, and a configured one is the only one', async () => {
  const open = await useServer();
  const missing = await post(open, [prompt()], { 'x-api-key': '' });
  expect([missing.status, await missing.json()]).toEqual([
    401,
    { detail: expect.stringContaining('x-api-key') },
  ]);
  const closed = await useServer({ apiKey: 'right' });
  expect((await post(closed, [prompt()], { 'x-api-key': 'wrong' })).status).toBe(401);
  expect((await post(closed, [prompt()], { 'x-api-key': 'right' })).status).toBe(200);
});

test('refused requests are listed with their reasons, latest first', async () => {
  const server = await useServer();
  await post(server, [{ prompt: 'p', generation: 'g' }]);
  await post(server, [prompt()], { 'content-type': 'text/plain' });
  expect(await getJson(server, '/api/rejections')).toMatchObject({
    total: 2,
    rejections: [
      { id: 2, status: 415, detail: expect.stringContaining('application/json') },
      {
        id: 1,
        status: 422,
        path: '/api/ingestion/publish_llm_events',
        detail: [{ loc: ['body', 0, 'user_id'] }],
      },
    ],
  });
});
