import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { RunningServer } from '../../../src/server/index.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import type { IntakeStatus } from '../../../src/server/model/intake/intake-status.js';
import type { RejectionList } from '../../support/server-requests.js';
import {
  jsonLogs,
  jsonRequest,
  message,
  protobufLogs,
  protobufRequest,
  type LogSketch,
} from '../../support/otlp-encoder.js';
import { shuffled } from '../../support/random-trace.js';
import { getJson } from '../../support/server-requests.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { useServer } from '../../support/use-server.js';

const PROTOBUF = 'application/x-protobuf';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const DETAILS = 'gen_ai.client.inference.operation.details';
const EVALUATION = 'gen_ai.evaluation.result';

function send(
  server: RunningServer,
  path: 'traces' | 'logs',
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${server.url}/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': typeof body === 'string' ? 'application/json' : PROTOBUF, ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
}

type Step = (server: RunningServer) => Promise<Response>;
const traces =
  (...spans: readonly SpanLike[]): Step =>
  (server) =>
    send(server, 'traces', protobufRequest(spans));
const logs =
  (...records: readonly LogSketch[]): Step =>
  (server) =>
    send(server, 'logs', protobufLogs(records));

async function recordsAfter(...steps: readonly Step[]) {
  const server = await useServer();
  for (const step of steps) expect((await step(server)).status).toBe(200);
  return server.records().map(({ receivedAt: _receivedAt, seq: _seq, ...record }) => record);
}

/** An LLM span without content, and the log records that have it. */
function emptyChat(at = 1): SpanLike {
  return makeSpan({
    traceId: TRACE,
    name: 'chat gpt-4o',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'user.id': `user-${at}`,
    },
  });
}

const idsOf = (span: SpanLike) => {
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
};

function messageLogs(span: SpanLike, question = 'Why?', answer = 'Because.'): readonly LogSketch[] {
  const common = { ...idsOf(span) };
  return [
    { ...common, timeMs: 1, eventName: 'gen_ai.system.message', body: { content: 'Be kind.' } },
    { ...common, timeMs: 2, eventName: 'gen_ai.user.message', body: { content: question } },
    {
      ...common,
      timeMs: 3,
      eventName: 'gen_ai.choice',
      body: { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: answer } },
    },
  ];
}

const text = (role: string, content: string) => [{ role, parts: [{ type: 'text', content }] }];

function detailsLog(span: SpanLike): LogSketch {
  return {
    ...idsOf(span),
    timeMs: 3,
    eventName: DETAILS,
    attributes: {
      'gen_ai.input.messages': text('user', 'Why?'),
      'gen_ai.output.messages': text('assistant', 'Because.'),
    },
  };
}

const ASKED = { kind: 'prompt', userId: 'user-1', prompt: 'Why?', generation: 'Because.' };

test.each([
  ['an event for each message', (span: SpanLike) => messageLogs(span)],
  ['one event with structured messages', (span: SpanLike) => [detailsLog(span)]],
  [
    'events whose name is an attribute, as before OpenTelemetry 1.28',
    (span: SpanLike) =>
      messageLogs(span).map(({ eventName, ...log }) => ({ ...log, attributes: { 'event.name': eventName } })),
  ],
  [
    'bodies that are JSON texts',
    (span: SpanLike) => messageLogs(span).map((log) => ({ ...log, body: JSON.stringify(log.body) })),
  ],
])('%s gives its span prompt and answer, before or after it, as protobuf or JSON', async (_name, made) => {
  const span = emptyChat();
  const records = made(span);
  const expected = [{ ...ASKED, id: `${TRACE}-${span.spanContext().spanId}` }];
  expect(await recordsAfter(logs(...records), traces(span))).toMatchObject(expected);
  expect(await recordsAfter(traces(span), logs(...records))).toMatchObject(expected);
  const json: Step = (server) => send(server, 'logs', jsonLogs(records));
  const jsonSpan: Step = (server) => send(server, 'traces', jsonRequest([span]));
  expect(await recordsAfter(json, jsonSpan)).toMatchObject(expected);
  const packed: Step = (server) =>
    send(server, 'logs', gzipSync(protobufLogs(records)), { 'content-encoding': 'gzip' });
  expect(await recordsAfter(traces(span), packed)).toMatchObject(expected);
});

test('spans and log records in any order, split and repeated, always give the same records', async () => {
  const spans = Array.from({ length: 12 }, (_, at) => emptyChat(at));
  const root = makeSpan({ traceId: TRACE, attributes: { 'session.id': 'thread-1' } });
  const children = spans.map((span): SpanLike => ({ ...span, parentSpanContext: root.spanContext() }));
  const records = spans.flatMap((span, at) => messageLogs(span, `Question ${at}`, `Answer ${at}`));
  const steps = [
    ...[root, ...children].map((span) => traces(span)),
    ...records.map((record) => logs(record)),
  ];
  const sorted = (found: Awaited<ReturnType<typeof recordsAfter>>) =>
    found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const expected = sorted(await recordsAfter(traces(root, ...children), logs(...records)));
  expect(expected).toHaveLength(12);
  expect(expected[3]).toMatchObject({ prompt: 'Question 3', generation: 'Answer 3', threadId: 'thread-1' });
  for (const seed of [1, 2, 3])
    expect(sorted(await recordsAfter(...shuffled([...steps, ...steps.slice(0, 20)], seed)))).toEqual(
      expected,
    );
});

test('a stored record is completed when its answer comes later, and stays one record', async () => {
  const span = makeSpan({
    ...idsOf(emptyChat()),
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.input.messages': JSON.stringify(text('user', 'Why?')),
    },
  });
  const [, , choice] = messageLogs(span);
  const server = await useServer();
  await traces(span)(server);
  expect(server.records()).toMatchObject([{ prompt: 'Why?', generation: '' }]);
  await logs(choice ?? {})(server);
  expect(server.records()).toMatchObject([{ prompt: 'Why?', generation: 'Because.', seq: 1 }]);
});

test('a repeated request of log records adds no message', async () => {
  const span = emptyChat();
  const records = messageLogs(span);
  const [record] = await recordsAfter(logs(...records), traces(span), logs(...records), traces(span));
  expect(record).toMatchObject(ASKED);
});

test('log records of other kinds are accepted, and nothing is said of them', async () => {
  const server = await useServer();
  const other = [{ body: 'GET /', attributes: { 'http.method': 'GET' } }, { eventName: 'click' }, {}];
  const answer = await send(server, 'logs', jsonLogs(other));
  expect([answer.status, await answer.text()]).toEqual([200, '{}']);
  expect(await getJson<RejectionList>(server, '/api/rejections')).toMatchObject({ total: 0 });
});

test('log records whose span never comes are counted as waiting, and those without ids as rejected', async () => {
  const server = await useServer();
  const [first, second] = messageLogs(emptyChat());
  await logs(first ?? {}, second ?? {})(server);
  expect(await getJson<IntakeStatus>(server, '/api/intake')).toMatchObject({
    logs: { waiting: 2, unmatched: 0 },
  });
  const answer = await send(server, 'logs', jsonLogs([{ ...first, traceId: '', spanId: '' }]));
  expect(await answer.json()).toEqual({
    partialSuccess: {
      rejectedLogRecords: '1',
      errorMessage: '1 log record(s) without a trace id and a span id',
    },
  });
});

test.each([
  ['a text', '1'],
  ['a list', '[]'],
  ['resource logs that are no list', '{"resourceLogs": {}}'],
  ['bytes that are no protobuf', Buffer.from('ffffffffffffff', 'hex')],
])('a request of logs that is %s is refused', async (_name, body) => {
  const server = await useServer();
  expect((await send(server, 'logs', body)).status).toBe(400);
});

test('a log record that is damaged costs only itself, and is said', async () => {
  const span = emptyChat();
  const good = messageLogs(span);
  const server = await useServer();
  await traces(span)(server);
  const encoded = Buffer.from(protobufLogs(good));
  const scope = message([1, message([2, message([2, Buffer.from([0x0f])])])]);
  const answer = await send(server, 'logs', Buffer.concat([scope, encoded]));
  expect([answer.status, await answer.text()]).toEqual([
    200,
    expect.stringContaining('1 log record(s) that cannot be read'),
  ]);
  expect(server.records()).toMatchObject([ASKED]);
});

function evaluation(span: SpanLike | undefined, attributes: Record<string, unknown> = {}): LogSketch {
  return {
    ...(span && idsOf(span)),
    timeMs: 1_767_323_050_000,
    eventName: EVALUATION,
    attributes: {
      'gen_ai.evaluation.name': 'relevance',
      'gen_ai.evaluation.score.value': 0.5,
      'gen_ai.evaluation.score.label': 'fair',
      'gen_ai.evaluation.explanation': 'Half an answer.',
      ...attributes,
    },
  };
}

const feedbackOn = (span: SpanLike, userId = 'ada') => ({
  kind: 'event',
  event: 'Feedback',
  userId,
  timestamp: '2026-01-02T03:04:10.000Z',
  properties: {
    record_id: `${TRACE}-${span.spanContext().spanId}`,
    score: 0.5,
    label: 'fair',
    comment: 'Half an answer.',
    component: 'relevance',
  },
});

const chat = (fields: Parameters<typeof makeChatSpan>[0] = {}) =>
  makeChatSpan({
    traceId: TRACE,
    ...fields,
    attributes: { 'user.id': 'ada', 'gen_ai.response.id': 'resp-1', ...fields.attributes },
  });

test('an evaluation in a log record is one event of the record of its span, in either order', async () => {
  const span = chat();
  for (const steps of [
    [logs(evaluation(span)), traces(span)],
    [traces(span), logs(evaluation(span))],
    [logs(evaluation(span)), traces(span), logs(evaluation(span)), traces(span)],
  ]) {
    const events = (await recordsAfter(...steps)).filter(({ kind }) => kind === 'event');
    expect(events).toMatchObject([feedbackOn(span)]);
  }
});

test('an evaluation finds its record by the id of the response, without a span and from another trace', async () => {
  const span = chat();
  const byResponse = evaluation(undefined, { 'gen_ai.response.id': 'resp-1' });
  const elsewhere = { ...byResponse, traceId: 'b'.repeat(32), spanId: 'c'.repeat(16) };
  for (const sketch of [byResponse, elsewhere])
    for (const steps of [
      [logs(sketch), traces(span)],
      [traces(span), logs(sketch)],
    ]) {
      const events = (await recordsAfter(...steps)).filter(({ kind }) => kind === 'event');
      expect(events).toMatchObject([feedbackOn(span)]);
    }
});

test('an evaluation of a span within or above a call is linked to the record of the call', async () => {
  const root = makeSpan({ traceId: TRACE, attributes: { 'user.id': 'ada' } });
  const outer = chat({ parentSpanId: root.spanContext().spanId, durationMs: 2000 });
  const inner = chat({ parentSpanId: outer.spanContext().spanId, durationMs: 1900 });
  for (const about of [root, inner])
    for (const steps of [
      [logs(evaluation(about)), traces(inner), traces(outer), traces(root)],
      [traces(root, outer, inner), logs(evaluation(about))],
    ]) {
      const events = (await recordsAfter(...steps)).filter(({ kind }) => kind === 'event');
      expect(events).toMatchObject([feedbackOn(outer)]);
    }
});

test('an evaluation that is an event of a span is stored as well', async () => {
  const span = chat();
  const body = JSON.parse(jsonRequest([span])) as {
    resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[];
  };
  const attributes = Object.entries(evaluation(span).attributes ?? {}).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { doubleValue: value } : { stringValue: String(value) },
  }));
  const events = [{ name: EVALUATION, timeUnixNano: '1767323050000000000', attributes }];
  Object.assign(body.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {}, { events });
  const step: Step = (server) => send(server, 'traces', JSON.stringify(body));
  const found = (await recordsAfter(step, step)).filter(({ kind }) => kind === 'event');
  expect(found).toMatchObject([feedbackOn(span)]);
});

test('evaluations without a result, or of nothing, are rejected and said', async () => {
  const server = await useServer();
  const empty = { ...evaluation(chat()), attributes: { 'gen_ai.evaluation.name': 'relevance' } };
  const answer = await send(server, 'logs', jsonLogs([empty, evaluation(undefined)]));
  expect(await answer.json()).toEqual({
    partialSuccess: {
      rejectedLogRecords: '2',
      errorMessage:
        '1 log record(s) without a trace id and a span id; 1 evaluation(s) without score, label and explanation',
    },
  });
  expect(server.records()).toEqual([]);
});

test.each([
  ['false', false],
  ['the text "false"', 'false'],
  ['0', 0],
  ['an empty text', ''],
  ['a list', [true]],
  ['an object', { record: true }],
  ['a float', 1.5],
])(
  'nothing is recorded of a span with trubrics.record = %s, nor of what belongs to it',
  async (_name, value) => {
    const optOut = { 'trubrics.record': value };
    const span = chat({ attributes: optOut });
    const below = chat({ parentSpanId: span.spanContext().spanId });
    const all = [traces(span, below), logs(...messageLogs(below), evaluation(below), evaluation(span))];
    expect(await recordsAfter(...all)).toEqual([]);
    expect(await recordsAfter(...all.toReversed())).toEqual([]);
    const json: Step = (server) => send(server, 'traces', jsonRequest([span, below]));
    expect(await recordsAfter(json)).toEqual([]);
  },
);

test('a log record that opts out withdraws the record of its span', async () => {
  const span = chat();
  const [, log] = messageLogs(span);
  const optOut = logs({ ...log, attributes: { 'trubrics.record': false } });
  expect(await recordsAfter(traces(span), logs(evaluation(span)), optOut)).toEqual([]);
  expect(await recordsAfter(optOut, traces(span), logs(evaluation(span)))).toEqual([]);
});

test('a span above that opts out later withdraws what was stored, and nothing of it is forwarded', async () => {
  const root = makeSpan({ traceId: TRACE, attributes: { 'trubrics.record': false } });
  const span = chat({ parentSpanId: root.spanContext().spanId });
  const target = await useServer();
  const server = await useServer({ forwardTo: { host: target.ingestionUrl, apiKey: 'k' } });
  await traces(span)(server);
  await logs(evaluation(span))(server);
  expect(server.records()).toHaveLength(2);
  await traces(root)(server);
  expect(server.records()).toEqual([]);
  await server.close();
  expect(target.records()).toEqual([]);
});

test('an opt-out that cannot be read, or that contradicts another, means not recorded', async () => {
  const request = (value: unknown): string => {
    const body = JSON.parse(jsonRequest([chat()])) as {
      resourceSpans: { scopeSpans: { spans: { attributes: unknown[] }[] }[] }[];
    };
    const { attributes } = body.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {};
    attributes?.unshift({ key: 'trubrics.record', value });
    attributes?.push({ key: 'trubrics.record', value: { boolValue: true } });
    return JSON.stringify(body);
  };
  for (const value of [{ boolValue: false }, { bytesValue: 'AA==' }, 'false', {}, { boolValue: 'yes' }])
    expect(await recordsAfter((server) => send(server, 'traces', request(value)))).toEqual([]);
  expect(await recordsAfter((server) => send(server, 'traces', request({ boolValue: true })))).toHaveLength(
    1,
  );
});
