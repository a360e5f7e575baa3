import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { RunningServer } from '../../../src/server/index.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { jsonRequest, message, protobufRequest } from '../../support/otlp-encoder.js';
import { makeChatSpan } from '../../support/span.js';
import { useServer } from '../../support/use-server.js';

const PROTOBUF = 'application/x-protobuf';

function send(
  server: RunningServer,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  const type = typeof body === 'string' ? 'application/json' : PROTOBUF;
  const bytes = typeof body === 'string' ? body : new Uint8Array(body);
  return fetch(server.tracesUrl, {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: bytes,
  });
}

/** Returns the text of an OTLP response, in which a partial success is readable. */
async function textOf(answer: Response): Promise<string> {
  return `${answer.status} ${await answer.text()}`;
}

const CHATS = [1, 2, 3].map((at) =>
  makeChatSpan({ traceId: `${at}`.padStart(32, '0'), prompt: `Question ${at}`, answer: `Answer ${at}` }),
);

/** Encodes three chat spans; bytes are added to the second. */
function withDamage(...fields: readonly Uint8Array[]): Uint8Array {
  const spans = CHATS.map((span, at) => {
    const [, encoded] = /^([\s\S]*)$/.exec(Buffer.from(spanBytes(span)).toString('latin1')) ?? [];
    const bytes = Buffer.from(encoded ?? '', 'latin1');
    return at === 1 ? Buffer.concat([bytes, ...fields]) : bytes;
  });
  return message([1, message([2, message(...spans.map((bytes) => [2, bytes] as const))])]);
}

/** Returns the encoded span of a request with one span: of the messages in it, the last. */
function spanBytes(span: SpanLike): Uint8Array {
  const request = protobufRequest([span]);
  const end = request.length;
  // request { resource_spans { resource, scope_spans { scope, span } } }: the last field of each level.
  return lastField(lastField(lastField(request, 1, end), 2), 2);
}

function lastField(bytes: Uint8Array, field: number, end = bytes.length): Uint8Array {
  let [at, found] = [0, new Uint8Array() as Uint8Array];
  while (at < end) {
    const tag = bytes[at++] ?? 0;
    let [length, shift, byte] = [0, 0, 0x80];
    while (byte >= 0x80) {
      byte = bytes[at++] ?? 0;
      length += (byte & 0x7f) << shift;
      shift += 7;
    }
    if (tag >> 3 === field) found = bytes.subarray(at, at + length);
    at += length;
  }
  return found;
}

function nested(depth: number): Uint8Array {
  let value = message([1, 'x']);
  for (let level = 0; level < depth; level++) value = message([5, message([1, value])]);
  return value;
}

const pair = (key: string, value: Uint8Array): Uint8Array => message([9, message([1, key], [2, value])]);

test.each([
  ['a value nested 40 deep', pair('deep', nested(40)), 'value(s) left out'],
  ['a value nested 5,000 deep', pair('deep', nested(5000)), 'value(s) left out'],
  ['a value that is cut short', pair('cut', Buffer.from([0x0a, 0x20, 0x61])), 'value(s) left out'],
  ['an attribute that is cut short', message([9, Buffer.from([0x0a, 0x20, 0x61])]), 'value(s) left out'],
  ['an attribute that is a number', message([9, 7n]), 'value(s) left out'],
  ['an attribute that is fixed bytes', message([9, { fixed64: 7n }]), 'value(s) left out'],
  ['a value that is a number', message([9, message([1, 'k'], [2, 7n])]), ''],
  ['an event that is a number', message([11, 7n]), ''],
  ['a status that is a number', message([15, 7n]), ''],
  ['bytes that are no message', Buffer.from([0x0f]), '1 span(s) that cannot be read'],
])('%s in one span of a request leaves the other two, and is said', async (_name, damage, said) => {
  const server = await useServer();
  expect(await textOf(await send(server, withDamage(damage)))).toContain(said);
  const lost = said.includes('span(s)') ? 1 : 0;
  expect(server.records()).toHaveLength(3 - lost);
});

test.each([
  ['text that is not UTF-8', pair('note', message([1, Buffer.from([0x61, 0xe2, 0x82])]))],
  ['a name that is a number', message([5, 7n])],
  ['a group, as protobuf had before OTLP', Buffer.from([0xa3, 0x06, 0xa4, 0x06])],
  ['a kind of value of a later version', pair('k', message([8, 5n]))],
])('%s in one span of a request costs nothing', async (_name, damage) => {
  const server = await useServer();
  expect(await textOf(await send(server, withDamage(damage)))).toBe('200 ');
  expect(server.records()).toHaveLength(3);
});

test.each([1, 2, 3])(
  'any byte of the second span may be damaged: its neighbours are stored (%d)',
  async (part) => {
    const server = await useServer();
    const good = withDamage();
    const span = Buffer.from(spanBytes(CHATS[1] ?? makeChatSpan()));
    const start = Buffer.from(good).indexOf(span);
    for (let at = start; at < start + span.length; at += 7) {
      const damaged = Uint8Array.from(good, (byte, index) => (index === at ? byte ^ (part * 0x55) : byte));
      expect((await send(server, damaged)).status).toBe(200);
    }
    const prompts = server.records().map((one) => (one.kind === 'prompt' ? one.prompt : ''));
    expect(prompts).toEqual(expect.arrayContaining(['Question 1', 'Question 3']));
  },
);

interface JsonSpan {
  attributes: { key: string; value: unknown }[];
  [name: string]: unknown;
}

/** Returns a request in JSON with one chat span that `change` may edit. */
function jsonWith(change: (span: JsonSpan) => void, chat = makeChatSpan()): string {
  const request = JSON.parse(jsonRequest([chat])) as {
    resourceSpans: { scopeSpans: { spans: JsonSpan[] }[] }[];
  };
  const span = request.resourceSpans[0]?.scopeSpans[0]?.spans[0];
  if (span) change(span);
  return JSON.stringify(request);
}

test('a value in JSON that is nested too deep costs only itself', async () => {
  const server = await useServer();
  const deep = `${'{"arrayValue":{"values":['.repeat(100_000)}{"stringValue":"x"}${']}}'.repeat(100_000)}`;
  const body = jsonWith((span) => span.attributes.push({ key: 'deep', value: '@@' })).replace('"@@"', deep);
  expect(await textOf(await send(server, body))).toContain('1 value(s) left out');
  expect(server.records()).toHaveLength(1);
});

test.each([
  ['an attribute without a key', (span: JsonSpan) => span.attributes.push({ value: {} } as never)],
  [
    'a number as text value',
    (span: JsonSpan) => span.attributes.push({ key: 'a', value: { stringValue: 1 } }),
  ],
  ['a word as number', (span: JsonSpan) => span.attributes.push({ key: 'a', value: { intValue: 'x' } })],
  ['a word as double', (span: JsonSpan) => span.attributes.push({ key: 'a', value: { doubleValue: 'x' } })],
  ['a text as value', (span: JsonSpan) => span.attributes.push({ key: 'a', value: 'x' })],
  ['events that are no list', (span: JsonSpan) => void (span['events'] = {})],
])('%s in JSON costs only itself, and is said', async (_name, damage) => {
  const server = await useServer();
  expect(await textOf(await send(server, jsonWith(damage)))).toContain('1 value(s) left out');
  expect(server.records()).toHaveLength(1);
});

test('a request in JSON whose list of spans is no list is refused, a null is not', async () => {
  const server = await useServer();
  for (const body of ['{"resourceSpans":5}', '[]', 'null', '5', '{"resourceSpans":{}}'])
    expect([body, (await send(server, body)).status]).toEqual([body, 400]);
  for (const body of ['{"resourceSpans":null}', '{"resourceSpans":[{"scopeSpans":null}]}'])
    expect([body, (await send(server, body)).status]).toEqual([body, 200]);
});

test('a null in OTLP/JSON is unset, alone and beside a value', async () => {
  const server = await useServer();
  const body = jsonWith((span) => {
    span.attributes.push({ key: 'gen_ai.usage.input_tokens', value: { doubleValue: null } });
    span.attributes.push({ key: 'gen_ai.usage.output_tokens', value: { stringValue: null, intValue: '7' } });
    span['status'] = null;
    span['parentSpanId'] = null;
  });
  expect(await textOf(await send(server, body))).toBe('200 {}');
  const [record] = server.records();
  expect(record?.properties['output_tokens']).toBe(7);
  expect(record?.properties).not.toHaveProperty('input_tokens');
});

test('names of enum values in JSON are understood', async () => {
  const server = await useServer();
  const body = jsonWith((span) => {
    span['kind'] = 'SPAN_KIND_CLIENT';
    span['status'] = { code: 'STATUS_CODE_ERROR', message: 'too many requests' };
  });
  await send(server, body);
  expect(server.records()).toMatchObject([{ kind: 'event', event: 'LLM error' }]);
});

test('names in snake_case are understood in JSON', async () => {
  const server = await useServer();
  const body = jsonRequest([makeChatSpan({ attributes: { 'gen_ai.usage.input_tokens': 3 } })]);
  const snake = body.replaceAll(/"([a-z]+(?:[A-Z][a-z]+)+)":/g, (_match, name: string) => {
    return `"${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}":`;
  });
  expect(snake).toContain('"start_time_unix_nano"');
  expect(await textOf(await send(server, snake))).toBe('200 {}');
  expect(server.records()).toMatchObject([{ latency: 1.5, properties: { input_tokens: 3 } }]);
});

test('one byte of JSON that is not UTF-8 costs a character', async () => {
  const server = await useServer();
  const [head = '', tail = ''] = jsonRequest([makeChatSpan({ answer: 'Rome @@' })]).split('@@');
  const body = Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(tail)]);
  expect((await send(server, body, { 'content-type': 'application/json' })).status).toBe(200);
  expect(server.records()).toMatchObject([{ generation: 'Rome �' }]);
});

test('NaN and Infinity of Python in messages do not hide their texts', async () => {
  const server = await useServer();
  const messages =
    '[{"role":"user","score":NaN,"parts":[{"type":"text","content":"Why?","weight":-Infinity}]}]';
  await send(server, jsonRequest([makeChatSpan({ attributes: { 'gen_ai.input.messages': messages } })]));
  expect(server.records()).toMatchObject([{ prompt: 'Why?' }]);
});

test.each([
  ['', false],
  ['identity', false],
  ['x-gzip', true],
  ['GZIP', true],
] as const)('the content encoding "%s" is understood', async (encoding, isPacked) => {
  const server = await useServer();
  const body = protobufRequest([makeChatSpan()]);
  const headers = { 'content-encoding': encoding };
  expect((await send(server, isPacked ? gzipSync(body) : body, headers)).status).toBe(200);
  expect(server.records()).toHaveLength(1);
});

test.each([
  ['startTimeUnixNano', '2026-01-02T03:04:06.500Z'],
  ['endTimeUnixNano', '2026-01-02T03:04:05.000Z'],
])('a span without %s is dated by its other time, without a latency', async (name, timestamp) => {
  for (const value of [undefined, null, 0, '0']) {
    const server = await useServer();
    const body = jsonWith(
      (span) => (span[name] = value),
      makeChatSpan({ startMs: Date.parse('2026-01-02T03:04:05Z') }),
    );
    await send(server, body);
    const [record] = server.records();
    expect(record).toMatchObject({ timestamp });
    expect(record).not.toHaveProperty('latency');
  }
});

test('a span without any time is dated by its arrival', async () => {
  const server = await useServer();
  const before = Date.now();
  await send(
    server,
    jsonWith((span) => {
      delete span['startTimeUnixNano'];
      delete span['endTimeUnixNano'];
    }),
  );
  expect(Date.parse(server.records()[0]?.timestamp ?? '')).toBeGreaterThanOrEqual(before);
});

test('an exporter in a browser on this machine may use sendBeacon and trace headers', async () => {
  const server = await useServer();
  const origin = 'http://localhost:5173';
  const asked = 'content-type,traceparent,tracestate,baggage';
  for (const url of [server.tracesUrl, `${server.ingestionUrl}/publish_llm_events`]) {
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': asked,
      },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
    const allowed = preflight.headers.get('access-control-allow-headers')?.toLowerCase().split(',');
    expect(allowed).toEqual(expect.arrayContaining(asked.split(',')));
  }
});

test.each([
  ['startTimeUnixNano', 'yesterday'],
  ['startTimeUnixNano', '-5'],
  ['startTimeUnixNano', {}],
  ['endTimeUnixNano', '2026-01-02T03:04:05Z'],
  ['endTimeUnixNano', true],
  ['endTimeUnixNano', '9'.repeat(30)],
  ['kind', 'SPAN_KIND_OTHER'],
  ['kind', []],
  ['name', 5],
  ['status', 'ERROR'],
  ['status', { code: 'ERROR' }],
  ['status', { code: 1, message: {} }],
  ['parentSpanId', 'abc'],
  ['parentSpanId', 7],
  ['events', [{ name: [] }]],
  ['events', [{ timeUnixNano: 'now' }]],
])('a span with %s = %j is stored, and the answer says that a value was left out', async (name, value) => {
  const server = await useServer();
  const request = JSON.parse(jsonRequest(CHATS.slice(0, 1))) as {
    resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[];
  };
  const span = request.resourceSpans[0]?.scopeSpans[0]?.spans[0];
  Object.assign(span ?? {}, { [name]: value });
  expect(await textOf(await send(server, JSON.stringify(request)))).toMatch(/^200 .*1 value\(s\) left out/);
  expect(server.records()).toMatchObject([{ prompt: 'Question 1' }]);
});

test.each([0, '0', '', null, '0000000000000000'])(
  'ids and times that are %j are unset, which is no damage',
  async (unset) => {
    const server = await useServer();
    const request = jsonRequest(CHATS.slice(0, 1)).replaceAll(
      /"(parentSpanId|startTimeUnixNano)":("[^"]*"|\d+)/g,
      `"$1":${JSON.stringify(unset)}`,
    );
    expect(await textOf(await send(server, request))).toBe('200 {}');
    expect(server.records()).toMatchObject([{ prompt: 'Question 1' }]);
  },
);

test('numbers that Python writes and JSON lacks cost only themselves', async () => {
  const server = await useServer();
  const marked = CHATS.map((span) => ({ ...span, attributes: { ...span.attributes, mark: 'HERE' } }));
  const request = jsonRequest(marked);
  let at = 0;
  const body = request.replaceAll('{"stringValue":"HERE"}', () => {
    at += 1;
    return `{"doubleValue":${['NaN', '-Infinity', ' Infinity '][at - 1]}}`;
  });
  expect(at).toBe(3);
  expect((await send(server, body)).status).toBe(200);
  expect(server.records()).toHaveLength(3);
  for (const broken of [body.slice(0, -1), body.replace('NaN', 'nan'), `${body} NaN`, 'NaN'])
    expect((await send(server, broken)).status).toBe(400);
});
