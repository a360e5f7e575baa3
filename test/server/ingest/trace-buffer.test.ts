import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { TraceBuffer } from '../../../src/server/ingest/otlp/joining/trace-buffer.js';
import type { NewRecord } from '../../../src/server/model/stored-record.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { StoredFromSpans } from '../../support/stored-from-spans.js';
import { makeTrace, shuffled, type TraceShape } from '../../support/random-trace.js';

function recordsOf(...requests: readonly (readonly SpanLike[])[]): readonly NewRecord[] {
  const records = new StoredFromSpans();
  for (const spans of requests) records.send(spans);
  return records.sorted();
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';

test.each([10, 500, 501, 512, 2048, 5000])(
  'a request with %d LLM spans of one trace gives as many records',
  (count) => {
    const spans = Array.from({ length: count }, (_, at) =>
      makeChatSpan({ traceId: TRACE, prompt: `Question ${at}`, answer: `Answer ${at}` }),
    );
    expect(recordsOf(spans)).toHaveLength(count);
    expect(recordsOf(...chunks(spans, 100))).toEqual(recordsOf(spans));
  },
);

test('LLM spans between many other spans of one trace are all found', () => {
  const chats = Array.from({ length: 10 }, (_, at) => makeChatSpan({ traceId: TRACE, prompt: `Q${at}` }));
  const others = Array.from({ length: 30_000 }, () => makeSpan({ traceId: TRACE, name: 'GET /' }));
  expect(recordsOf([...chats, ...others])).toHaveLength(10);
});

test('a user is found above a call after 30,000 spans of other traces and of its own', () => {
  const request = makeSpan({ traceId: TRACE, attributes: { 'user.id': 'ada' } });
  const call = makeChatSpan({ traceId: TRACE, parentSpanId: request.spanContext().spanId });
  const others = Array.from({ length: 30_000 }, (_, at) =>
    makeSpan({ name: 'GET /', attributes: { 'http.method': 'GET' }, ...(at % 2 && { traceId: TRACE }) }),
  );
  expect(recordsOf([call], ...chunks(others, 500), [request])).toMatchObject([{ userId: 'ada' }]);
});

test('a span with the user that arrives before 10,000 others and then the call is found', () => {
  const request = makeSpan({ traceId: TRACE, attributes: { 'user.id': 'ada' } });
  const call = makeChatSpan({ traceId: TRACE, parentSpanId: request.spanContext().spanId });
  const others = Array.from({ length: 10_000 }, () => makeSpan({ name: 'GET /' }));
  expect(recordsOf([request], ...chunks(others, 500), [call])).toMatchObject([{ userId: 'ada' }]);
});

test('records do not depend on how the spans of traces are shuffled, split and repeated', () => {
  const shape: fc.Arbitrary<TraceShape> = fc.record({
    seed: fc.integer(),
    spans: fc.integer({ min: 1, max: 40 }),
    traces: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(shape, fc.integer(), fc.integer({ min: 1, max: 20 }), (wanted, seed, size) => {
      const spans = makeTrace(wanted);
      const expected = recordsOf(spans);
      const repeated = shuffled([...spans, ...spans.filter((_, at) => at % 3 === 0)], seed);
      expect(recordsOf(...chunks(repeated, size))).toEqual(expected);
    }),
    { numRuns: 400 },
  );
});

test('a large trace gives the same records in any order, in any number of requests', () => {
  for (const count of [500, 5000]) {
    const spans = makeTrace({ seed: count, spans: count, traces: 1 });
    const expected = recordsOf(spans);
    expect(expected.length).toBeGreaterThan(count / 10);
    expect(recordsOf(...chunks(shuffled(spans, 1), 512))).toEqual(expected);
    expect(recordsOf(...chunks(spans.toReversed(), 64))).toEqual(expected);
  }
});

test('a request that the store refused and that is repeated gives one record for a call', () => {
  const outer = makeChatSpan({ traceId: TRACE, name: 'framework', durationMs: 2000 });
  const parentSpanId = outer.spanContext().spanId;
  const inner = makeChatSpan({ traceId: TRACE, parentSpanId, durationMs: 1900 });
  const records = new StoredFromSpans();
  records.send([inner]);
  records.fail([outer]);
  records.fail([outer]);
  records.send([outer]);
  expect([...records.byId.keys()]).toEqual([`${TRACE}-${parentSpanId}`]);
});

test('requests that the store refuses at random and that are repeated give the same records', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (seed, failures) => {
      const spans = makeTrace({ seed, spans: 30, traces: 2 });
      const records = new StoredFromSpans();
      const requests = chunks(shuffled(spans, seed), 3);
      const late = requests.filter((request, at) => {
        if (failures[at]) records.fail(request);
        else records.send(request);
        return failures[at];
      });
      for (const request of late) records.send(request);
      expect(records.sorted()).toEqual(recordsOf(spans));
    }),
    { numRuns: 200 },
  );
});

test('spans whose parents form a circle are read all the same', () => {
  const ids = ['00f067aa0ba902b7', '00f067aa0ba902b8'] as const;
  const circle = ids.map((spanId, at) =>
    makeChatSpan({ traceId: TRACE, parentSpanId: ids[1 - at] ?? '', prompt: `Q${at}`, spanId }),
  );
  expect(recordsOf(circle)).toHaveLength(2);
  expect(recordsOf(...chunks(circle, 1))).toHaveLength(2);
});

test('adding a span to a trace of 8,000 spans costs no more than adding it to a short trace', () => {
  const timeOf = (length: number): number => {
    const buffer = new TraceBuffer();
    const root = makeSpan({ traceId: TRACE });
    const parentSpanId = root.spanContext().spanId;
    const chat = (at: number): SpanLike =>
      makeChatSpan({ traceId: TRACE, parentSpanId, prompt: `Q${at}`, answer: `A${at}` });
    buffer.add([root, ...Array.from({ length }, (_, at) => chat(at))]);
    const more = Array.from({ length: 300 }, (_, at) => chat(length + at));
    const start = process.cpuUsage();
    for (const span of more) buffer.add([span]);
    return process.cpuUsage(start).user;
  };
  timeOf(100);
  const short = timeOf(100);
  expect(timeOf(8000)).toBeLessThan(10 * short + 20_000);
});
