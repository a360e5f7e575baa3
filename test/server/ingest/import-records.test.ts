import { expect, test } from 'vitest';
import { useServer } from '../../support/use-server.js';
import { getJson, post, type RejectionList } from '../../support/server-requests.js';

type Stored = Readonly<Record<string, unknown>>;

const PROMPT: Stored = {
  kind: 'prompt',
  id: 'trace-span',
  userId: 'ada',
  threadId: 't-1',
  timestamp: '2026-03-01T10:00:00.123Z',
  receivedAt: '2026-03-01T10:00:05.456Z',
  tags: ['beta', 'eu'],
  origin: 'otlp',
  forwardedTo: ['https://trubrics.example/api/ingestion'],
  properties: { trace_id: 'trace', nested: { list: [1, null, 'x'] }, input_tokens: 12 },
  prompt: 'What is a span?',
  generation: '',
  assistantId: 'gpt-4o',
  latency: 0.25,
  promptEventName: 'Question',
  generationEventName: 'Answer',
};

const EVENT: Stored = {
  kind: 'event',
  id: 'feedback-1',
  userId: 'bob',
  timestamp: '2026-03-01T10:01:00.000Z',
  receivedAt: '2026-03-01T10:01:00.001Z',
  tags: [],
  properties: { record_id: 'trace-span', score: 1 },
  event: 'Feedback',
};

function importRecords(
  server: Parameters<typeof post>[0],
  body: unknown,
  headers: Record<string, string> = {},
) {
  return post(server, body, headers, 'import_records');
}

test('an imported record is stored as it was exported, field by field, in the order of the import', async () => {
  const server = await useServer();
  const answer = await importRecords(server, [
    { seq: 77, ...PROMPT },
    { seq: 3, ...EVENT },
  ]);
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { status: 'ok', received: 2, stored: 2, known: 0 },
  ]);
  expect(server.records()).toEqual([
    { seq: 1, ...PROMPT },
    { seq: 2, ...EVENT },
  ]);
});

test('an import that is repeated replaces its records instead of doubling them', async () => {
  const server = await useServer();
  await importRecords(server, [PROMPT]);
  const answer = await importRecords(server, [PROMPT, EVENT]);
  expect(await answer.json()).toMatchObject({ received: 2, stored: 2, known: 1 });
  expect(server.records()).toHaveLength(2);
});

test('a record that was received in the future was received now', async () => {
  const server = await useServer();
  await importRecords(server, [{ ...EVENT, receivedAt: '2999-01-01T00:00:00.000Z' }]);
  expect(Date.parse(server.records()[0]?.receivedAt ?? '')).toBeLessThanOrEqual(Date.now());
});

test('a record without a time of its own takes the time at which it was received, and the other way round', async () => {
  const server = await useServer();
  const { timestamp: _timestamp, ...received } = EVENT;
  const { receivedAt: _receivedAt, ...happened }: Stored = { ...EVENT, id: 'second' };
  await importRecords(server, [received, happened]);
  expect(server.records()).toMatchObject([
    { timestamp: EVENT['receivedAt'], receivedAt: EVENT['receivedAt'] },
    { timestamp: EVENT['timestamp'], receivedAt: EVENT['timestamp'] },
  ]);
});

test('each record that cannot be read is named by its index, and nothing of the request is stored', async () => {
  const server = await useServer();
  const { id: _id, ...withoutId } = PROMPT;
  const bad = [
    withoutId,
    { ...PROMPT, id: '' },
    { ...PROMPT, kind: 'span' },
    { ...PROMPT, userId: 7 },
    { ...PROMPT, tags: 'beta' },
    { ...PROMPT, tags: [1] },
    { ...PROMPT, timestamp: 'yesterday' },
    { ...PROMPT, receivedAt: {} },
    { ...PROMPT, properties: [] },
    { ...PROMPT, generation: null },
    { ...EVENT, event: '' },
    null,
  ];
  const answer = await importRecords(server, [EVENT, ...bad]);
  const { detail } = (await answer.json()) as { detail: { loc: unknown[] }[] };
  expect(answer.status).toBe(422);
  expect([...new Set(detail.map(({ loc }) => loc[1]))]).toEqual(bad.map((_, index) => index + 1));
  expect(server.records()).toEqual([]);
});

test('an import takes a thousand records at once, and no more', async () => {
  const server = await useServer();
  const records = Array.from({ length: 1001 }, (_, i) => ({ ...EVENT, id: `e-${i}` }));
  expect((await importRecords(server, records)).status).toBe(422);
  expect((await importRecords(server, records.slice(1))).status).toBe(200);
  expect(server.records()).toHaveLength(1000);
});

test('a record that was erased is not stored again by an import, and the answer counts it', async () => {
  const server = await useServer();
  await importRecords(server, [PROMPT, EVENT]);
  const erased = await fetch(`${server.url}/api/records?user=ada`, { method: 'DELETE' });
  expect(erased.ok).toBe(true);
  const other = { ...EVENT, id: 'other', properties: {} };
  const answer = await importRecords(server, [PROMPT, other]);
  expect(await answer.json()).toMatchObject({ received: 2, stored: 1 });
  expect(server.records().map(({ id }) => id)).toEqual(['other']);
});

test('an import needs the key of the server, and its refusals are listed', async () => {
  const server = await useServer({ apiKey: 'secret' });
  expect((await importRecords(server, [PROMPT], { 'x-api-key': 'wrong' })).status).toBe(401);
  expect((await importRecords(server, [PROMPT], { 'x-api-key': 'secret' })).status).toBe(200);
  const { rejections } = await getJson<RejectionList>(server, '/api/rejections');
  expect(rejections).toMatchObject([{ path: '/api/ingestion/import_records', status: 401 }]);
});

test('an import keeps the addresses that its records were forwarded to, and adds its own', async () => {
  const target = await useServer();
  const server = await useServer({ forwardTo: { host: target.ingestionUrl } });
  await importRecords(server, [PROMPT]);
  expect(server.records()[0]?.forwardedTo).toEqual([
    'https://trubrics.example/api/ingestion',
    target.ingestionUrl,
  ]);
});
