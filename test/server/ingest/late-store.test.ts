import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { seededRandom, shuffled } from '../../support/random-trace.js';
import { MemoryStore, type RunningServer, type StoredRecord } from '../../../src/server/index.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { protobufRequest } from '../../support/otlp-encoder.js';
import { post, prompt } from '../../support/server-requests.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { useServer } from '../../support/use-server.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

/** A store whose answers come after random times, so that a later write can be done before an earlier one. */
function lateStore(seed: number) {
  const store = new MemoryStore();
  const random = seededRandom(seed);
  for (const method of ['put', 'get', 'remove'] as const) {
    const answer = store[method].bind(store) as (...args: unknown[]) => Promise<never>;
    vi.spyOn(store, method).mockImplementation(async (...args: unknown[]) => {
      await setTimeout(10 * random());
      const result = await answer(...args);
      await setTimeout(10 * random());
      return result;
    });
  }
  return store;
}

function send(server: RunningServer, ...spans: readonly SpanLike[]): Promise<Response> {
  const body = new Uint8Array(protobufRequest(spans));
  return fetch(server.tracesUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body,
  });
}

const withoutTimes = (records: readonly StoredRecord[]) =>
  records.map(({ seq: _seq, receivedAt: _at, ...record }) => record).sort((a, b) => (a.id < b.id ? -1 : 1));

test('a record sent by the ingestion API and as a span at the same time is the one of the API', async () => {
  const span = makeChatSpan({ traceId: TRACE });
  const id = `${TRACE}-${span.spanContext().spanId}`;
  for (const seed of [1, 2, 3, 4, 5]) {
    const server = await useServer({ store: lateStore(seed) });
    const published = () => post(server, [prompt({ prompt: 'By the API', properties: { $event_id: id } })]);
    await Promise.all(seed % 2 ? [published(), send(server, span)] : [send(server, span), published()]);
    expect(server.records()).toMatchObject([{ id, prompt: 'By the API' }]);
  }
});

test('a record that is sent many times at the same time is stored and told once', async () => {
  const store = lateStore(1);
  const told: StoredRecord[] = [];
  const server = await useServer({ store, onRecords: (records) => told.push(...records) });
  const span = makeChatSpan({ traceId: TRACE });
  await Promise.all(Array.from({ length: 5 }, () => send(server, span)));
  expect([server.records().length, told.length]).toEqual([1, 1]);
});

test('spans of a trace that arrive all at the same time give the same records, however late the store answers', async () => {
  const root = makeSpan({ traceId: TRACE, attributes: { 'user.id': 'ada' } });
  const outer = Array.from({ length: 6 }, () =>
    makeChatSpan({ traceId: TRACE, parentSpanId: root.spanContext().spanId, durationMs: 2000 }),
  );
  const inner = outer.map((span) =>
    makeChatSpan({ traceId: TRACE, parentSpanId: span.spanContext().spanId, durationMs: 1900 }),
  );
  const reference = await useServer();
  await send(reference, root, ...outer, ...inner);
  for (const seed of [1, 2, 3]) {
    const server = await useServer({ store: lateStore(seed) });
    const spans = shuffled([root, ...outer, ...inner, ...inner], seed);
    await Promise.all(spans.map((span) => send(server, span)));
    expect(withoutTimes(server.records())).toEqual(withoutTimes(reference.records()));
  }
});

/** Sends enough other calls that all earlier ones are forgotten. */
async function forgetEarlier(server: RunningServer): Promise<void> {
  for (let at = 0; at < 40; at++) await send(server, makeChatSpan({ prompt: 'x'.repeat(1_000_000) }));
}

test('calls that are sent again after their trace was forgotten are not doubled, and keep what is known', async () => {
  const root = makeSpan({ traceId: TRACE, attributes: { 'user.id': 'ada', 'session.id': 'thread-1' } });
  const outer = makeChatSpan({
    traceId: TRACE,
    parentSpanId: root.spanContext().spanId,
    durationMs: 2000,
    prompt: 'Outer',
  });
  const middle = makeChatSpan({ traceId: TRACE, parentSpanId: outer.spanContext().spanId, durationMs: 1900 });
  const inner = makeChatSpan({ traceId: TRACE, parentSpanId: middle.spanContext().spanId, durationMs: 1800 });
  const server = await useServer();
  await send(server, root, outer, middle, inner);
  const known = () =>
    withoutTimes(server.records().filter((one) => one.kind === 'prompt' && one.prompt.length < 100));
  const before = known();
  expect(before).toMatchObject([{ userId: 'ada', threadId: 'thread-1', prompt: 'Outer' }]);
  await forgetEarlier(server);
  for (const spans of [[inner], [middle], [outer], [inner, outer]]) await send(server, ...spans);
  expect(known()).toEqual(before);
}, 60_000);

test('a span below a call that another server stored makes no second record of the call', async () => {
  const store = new MemoryStore();
  const outer = makeChatSpan({ traceId: TRACE, durationMs: 2000 });
  const inner = makeChatSpan({ traceId: TRACE, parentSpanId: outer.spanContext().spanId, durationMs: 1900 });
  const [one, other] = [await useServer({ store }), await useServer({ store })];
  await send(one, outer);
  await send(other, inner);
  expect(one.records().map(({ id }) => id)).toEqual([`${TRACE}-${outer.spanContext().spanId}`]);
});
