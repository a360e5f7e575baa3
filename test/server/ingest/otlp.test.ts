import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { toPromptRecords } from '../../../src/records/to-prompt-records.js';
import { decodeSpans } from '../../../src/server/ingest/otlp/decoding/decode-spans.js';
import type { DecodedSpans } from '../../../src/server/ingest/otlp/decoding/make-span.js';
import { toSpans } from '../../../src/server/ingest/otlp/decoding/to-spans.js';
import { MemoryStore, type RunningServer } from '../../../src/server/index.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { thrownBy } from '../../support/thrown-by.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';
import { jsonRequest, message, protobufRequest } from '../../support/otlp-encoder.js';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const TRACE = '0af7651916cd43dd8448eb211c80319c';

function exportTraces(
  server: RunningServer,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const type = typeof body === 'string' ? JSON_TYPE : PROTOBUF;
  return fetch(server.tracesUrl, {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
}

interface Capture {
  readonly spans: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly requests: Readonly<Record<string, string>>;
}

const capture = JSON.parse(
  readFileSync(new URL('../fixtures/otlp-js-0.223.1.json', import.meta.url), 'utf8'),
) as Capture;

test.each(Object.keys(capture.requests))(
  'a request that the JS exporter sends as %s becomes records',
  async (name) => {
    const server = await useServer();
    const [type = '', encoding = ''] = name.split(' ');
    const answer = await exportTraces(server, Buffer.from(capture.requests[name] ?? '', 'base64'), {
      'content-type': type,
      ...(encoding !== 'identity' && { 'content-encoding': encoding }),
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
    expect(await answer.text()).toBe(type === JSON_TYPE ? '{}' : '');
    const [chat, failed] = capture.spans.map(({ traceId, spanId }) => `${traceId}-${spanId}`);
    expect(server.records()).toMatchObject([
      {
        kind: 'prompt',
        id: chat,
        origin: 'otlp',
        userId: 'ada',
        threadId: 'thread-1',
        prompt: 'Größe? 😀',
        generation: 'Groß.',
        assistantId: 'gpt-4o-2024-08-06',
        latency: 1.5,
        timestamp: '2026-01-02T03:04:07.178Z',
        properties: { input_tokens: 300, output_tokens: 7, temperature: 0.25, service_name: 'shop' },
      },
      {
        kind: 'event',
        id: failed,
        event: 'LLM error',
        userId: 'ada',
        threadId: 'thread-1',
        properties: { error_type: 'RateLimitError', prompt: 'Why?', model: 'gpt-4o' },
      },
    ]);
  },
);

test('protobuf and JSON requests are read alike, with every kind of value', () => {
  const json = toSpans(
    JSON.parse(Buffer.from(capture.requests[`${JSON_TYPE} identity`] ?? '', 'base64').toString()),
  );
  const proto = decodeSpans(Buffer.from(capture.requests[`${PROTOBUF} identity`] ?? '', 'base64'));
  const plain = (decoded: DecodedSpans | undefined) =>
    decoded?.spans.map((span) => ({ ...span, spanContext: span.spanContext() }));
  expect(plain(proto)).toEqual(plain(json));
  expect(proto?.spans[0]).toMatchObject({
    kind: 2,
    startTime: [1_767_323_045, 678_000_000],
    events: [{ name: 'first token', attributes: { index: 0 } }],
    attributes: {
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.request.temperature': 0.25,
      'test.true': true,
      'test.negative': -5,
      'test.large': 2 ** 45,
      'test.numbers': [1, 2.5],
    },
  });
});

test('a record from OTLP equals the one that the exporter of this package makes of the span', async () => {
  const server = await useServer();
  const span = makeChatSpan({ traceId: TRACE, attributes: { 'user.id': 'ada' } });
  await exportTraces(server, protobufRequest([span]));
  const [expected] = toPromptRecords([
    { ...span, spanContext: () => span.spanContext(), resource: { attributes: { 'service.name': 'shop' } } },
  ]);
  expect(server.records()).toMatchObject([{ ...expected }]);
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
])('an OTLP request may be compressed with %s', async (encoding, pack) => {
  const server = await useServer();
  const body = pack(protobufRequest([makeChatSpan()]));
  expect((await exportTraces(server, body, { 'content-encoding': encoding })).status).toBe(200);
  expect(server.records()).toHaveLength(1);
});

test('a user on a parent span that arrives in a later request is found', async () => {
  const server = await useServer();
  const root = makeSpan({ traceId: TRACE, attributes: { 'user.id': 'ada', 'session.id': 't1' } });
  const parentSpanId = root.spanContext().spanId;
  await exportTraces(server, protobufRequest([makeChatSpan({ traceId: TRACE, parentSpanId })]));
  expect(server.records()).toMatchObject([{ userId: 'anonymous', seq: 1 }]);
  await exportTraces(server, jsonRequest([root]));
  expect(server.records()).toMatchObject([{ userId: 'ada', threadId: 't1', seq: 1 }]);
});

test('spans of one call are one record, also when the outer one comes later', async () => {
  const server = await useServer();
  const outer = makeChatSpan({ traceId: TRACE, name: 'framework', durationMs: 2000 });
  const inner = makeChatSpan({ traceId: TRACE, parentSpanId: outer.spanContext().spanId, durationMs: 1900 });
  await exportTraces(server, protobufRequest([inner]));
  const [first] = server.records();
  await exportTraces(server, protobufRequest([outer]));
  expect(server.records()).toHaveLength(1);
  expect(server.records()[0]?.id).not.toBe(first?.id);
  expect(server.records()[0]?.id).toBe(`${TRACE}-${outer.spanContext().spanId}`);
});

test('the release and the prompt of a span that came over OTLP can be measured and filtered by', async () => {
  const server = await useServer();
  const attributes = { 'traceloop.prompt.key': 'greet', 'traceloop.prompt.version': 3 };
  const request = jsonRequest([makeChatSpan({ attributes })]);
  await exportTraces(
    server,
    request.replace('"service.name"', '"service.version"').replace('"shop"', '"1.4.0"'),
  );
  const answer = await getJson<{ groups: unknown }>(
    server,
    '/api/measure?measure=requests&by=release&prop.prompt_name=greet&prop.prompt_version=3',
  );
  expect(answer.groups).toEqual([{ name: '1.4.0', values: [1], n: [null] }]);
});

test('an OTLP request that is sent again changes nothing', async () => {
  const server = await useServer();
  const body = protobufRequest([makeChatSpan(), makeChatSpan({ prompt: 'And of France?' })]);
  await exportTraces(server, body);
  const before = server.records();
  await exportTraces(server, body);
  expect(server.records()).toEqual(before);
});

test('a record that came by the ingestion API as well stays as it is', async () => {
  const server = await useServer();
  const span = makeChatSpan({ traceId: TRACE });
  const id = `${TRACE}-${span.spanContext().spanId}`;
  await post(server, [prompt({ user_id: 'ada', properties: { $event_id: id } })]);
  await exportTraces(server, protobufRequest([span]));
  expect(server.records()).toMatchObject([{ id, userId: 'ada', prompt: 'What is a span?' }]);
});

test('spans that are no LLM calls are accepted and make no records', async () => {
  const server = await useServer();
  const answer = await exportTraces(server, jsonRequest([makeSpan({ name: 'GET /' })]));
  expect([answer.status, await answer.json()]).toEqual([200, {}]);
  for (const empty of ['{}', '{"resourceSpans":[]}', new Uint8Array()])
    expect((await exportTraces(server, empty)).status).toBe(200);
  expect(server.records()).toEqual([]);
});

test('an LLM span without content is reported to the exporter, and once on the page', async () => {
  const server = await useServer();
  const span = makeSpan({ attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' } });
  const body = jsonRequest([span]);
  expect(await (await exportTraces(server, body)).json()).toEqual({
    partialSuccess: { rejectedSpans: '0', errorMessage: expect.stringContaining('CAPTURE_MESSAGE_CONTENT') },
  });
  await exportTraces(server, body);
  const list = await getJson<{ rejections: unknown[] }>(server, '/api/rejections');
  expect(list.rejections).toMatchObject([{ status: 200, path: '/v1/traces' }]);
});

test('spans without ids are counted as rejected, the others are accepted', async () => {
  const server = await useServer();
  const bad = { ...makeChatSpan(), spanContext: () => ({ traceId: '00', spanId: '' }) };
  const answer = await exportTraces(server, protobufRequest([bad, makeChatSpan()]));
  expect(answer.headers.get('content-type')).toBe(PROTOBUF);
  const text = '1 span(s) without a trace id and a span id';
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(
    new Uint8Array(message([1, message([1, 1n], [2, text])])),
  );
  expect(server.records()).toHaveLength(1);
});

const ANY_STRING: unknown = expect.any(String);

test.each([
  ['no JSON', '{"resourceSpans"', {}, 400],
  ['JSON that is no request', '[1]', {}, 400],
  ['protobuf that is cut short', protobufRequest([makeChatSpan()]).subarray(0, 100), {}, 400],
  ['what is not gzip', '{}', { 'content-encoding': 'gzip' }, 400],
  ['an unknown encoding', '{}', { 'content-encoding': 'zstd' }, 415],
  ['more than 20 MB', 'x'.repeat(20 * 1024 * 1024 + 1), {}, 413],
  ['a bomb', gzipSync(Buffer.alloc(30 * 1024 * 1024)), { 'content-encoding': 'gzip' }, 413],
] as const)('an OTLP request with %s is refused with the reason', async (_name, body, headers, status) => {
  const server = await useServer();
  const answer = await exportTraces(server, body, headers);
  expect(answer.status).toBe(status);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const isJson = typeof body === 'string';
  // JSON is answered by JSON; protobuf by a google.rpc.Status that begins with the message, field 2.
  expect(isJson ? JSON.parse(bytes.toString()) : bytes[0]).toEqual(isJson ? { message: ANY_STRING } : 0x12);
  const { rejections } = await getJson<{ rejections: unknown[] }>(server, '/api/rejections');
  expect(rejections).toMatchObject([{ status, path: '/v1/traces' }]);
});

test('an OTLP request of another content type gets 415, another method 405', async () => {
  const server = await useServer();
  expect((await exportTraces(server, '{}', { 'content-type': 'text/plain' })).status).toBe(415);
  expect(
    (await exportTraces(server, '{}', { 'content-type': 'application/json; charset=utf-8' })).status,
  ).toBe(200);
  const get = await fetch(server.tracesUrl);
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
});

test('with a token, exporters need it as key or bearer; without, they need none', async () => {
  const server = await useServer({ host: '0.0.0.0', token: 's3cret' });
  expect((await exportTraces(server, '{}')).status).toBe(401);
  expect((await exportTraces(server, '{}', { 'x-api-key': 'wrong' })).status).toBe(401);
  expect((await exportTraces(server, '{}', { 'x-api-key': 's3cret' })).status).toBe(200);
  expect((await exportTraces(server, '{}', { authorization: 'Bearer s3cret' })).status).toBe(200);
});

test('if records cannot be stored, the exporter is told to retry', async () => {
  const store = new MemoryStore();
  vi.spyOn(store, 'put').mockRejectedValue(new Error('disk full'));
  const server = await useServer({ store });
  const answer = await exportTraces(server, protobufRequest([makeChatSpan()]));
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
});

test('an error of onRecords costs nothing, because the records are stored', async () => {
  const server = await useServer({
    onRecords: () => {
      throw new Error('a mistake of the application');
    },
  });
  expect((await exportTraces(server, protobufRequest([makeChatSpan()]))).status).toBe(200);
  expect((await post(server, [prompt()])).status).toBe(200);
  expect(server.records()).toHaveLength(2);
});

test('a store that fails once and the repeated request leave exactly one record', async () => {
  const store = new MemoryStore();
  const server = await useServer({ store });
  const outer = makeChatSpan({ traceId: TRACE, name: 'framework', durationMs: 2000 });
  const inner = makeChatSpan({ traceId: TRACE, parentSpanId: outer.spanContext().spanId, durationMs: 1900 });
  await exportTraces(server, protobufRequest([inner]));
  const failing = vi.spyOn(store, 'put').mockRejectedValue(new Error('disk full'));
  expect((await exportTraces(server, protobufRequest([outer]))).status).toBe(503);
  failing.mockRestore();
  // Nothing is stored in one call and removed in another, between which it could fail.
  const remove = vi.spyOn(store, 'remove');
  expect((await exportTraces(server, protobufRequest([outer]))).status).toBe(200);
  expect(server.records().map(({ id }) => id)).toEqual([`${TRACE}-${outer.spanContext().spanId}`]);
  expect(remove).not.toHaveBeenCalled();
});

test('two requests of one trace at the same time leave one record, however slow the store is', async () => {
  const store = new MemoryStore();
  const server = await useServer({ store });
  const outer = makeChatSpan({ traceId: TRACE, name: 'framework', durationMs: 2000 });
  const inner = makeChatSpan({ traceId: TRACE, parentSpanId: outer.spanContext().spanId, durationMs: 1900 });
  const put = store.put.bind(store);
  vi.spyOn(store, 'put').mockImplementationOnce(async (...given) => {
    await setTimeout(300);
    return put(...given);
  });
  const first = exportTraces(server, protobufRequest([inner]));
  await setTimeout(100);
  await Promise.all([first, exportTraces(server, protobufRequest([outer]))]);
  expect(server.records().map(({ id }) => id)).toEqual([`${TRACE}-${outer.spanContext().spanId}`]);
});

test('arbitrary protobuf bytes are accepted or refused, and cause no error of the server', async () => {
  const good = protobufRequest([makeChatSpan()]);
  const damaged = fc
    .tuple(fc.nat(good.length - 1), fc.nat(255))
    .map(([at, byte]) => Uint8Array.from(good, (value, index) => (index === at ? byte : value)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      const error = thrownBy(() => toPromptRecords(decodeSpans(bytes).spans));
      expect([undefined, 'ProtobufError']).toContain((error as Error | undefined)?.name);
    }),
    { numRuns: 2000 },
  );
});

test('arbitrary JSON values are converted to spans or ignored, and never throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const wrapped = { resourceSpans: [value, { scopeSpans: [{ scope: value, spans: [value] }] }] };
      expect(toSpans(wrapped)?.spans).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test('a trace of thousands of spans does not grow in memory', async () => {
  const server = await useServer();
  for (let i = 0; i < 12; i++)
    await exportTraces(
      server,
      protobufRequest(Array.from({ length: 200 }, () => makeChatSpan({ traceId: TRACE }))),
    );
  expect(server.records()).toHaveLength(2400);
});
