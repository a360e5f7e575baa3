import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { CallsBelow } from '../../../src/server/ingest/otlp/joining/indexes/calls-below.js';
import { TraceBuffer } from '../../../src/server/ingest/otlp/joining/trace-buffer.js';
import type { NewRecord } from '../../../src/server/model/stored-record.js';
import { collectGarbage } from '../../support/collect-garbage.js';
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

test('a load test that asks the same 500 times at once, traced by two libraries, gives as many records', () => {
  const spans = Array.from({ length: 1_000 }, (_, at) => ({
    ...makeChatSpan({ prompt: 'ping', answer: 'pong' }),
    startTime: [1_767_323_045, Math.floor(at / 2) * 1_000_000] as [number, number],
    endTime: [1_767_323_047, Math.floor(at / 2) * 1_000_000] as [number, number],
    instrumentationScope: { name: at % 2 === 0 ? 'langchain' : 'openai' },
  }));
  expect(recordsOf(...chunks(spans, 200))).toHaveLength(500);
});

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

/** Id of the record that a span alone would be. */
const idOf = (span: SpanLike): string => `${span.spanContext().traceId}-${span.spanContext().spanId}`;
const childOf = (parent: SpanLike, durationMs: number): SpanLike =>
  makeChatSpan({ traceId: TRACE, parentSpanId: parent.spanContext().spanId, durationMs });

/** Adds spans, and stores their records. */
function store(buffer: TraceBuffer, ...spans: readonly SpanLike[]) {
  const found = buffer.add(spans);
  found.onStored();
  return found;
}

/** Adds enough other calls that all earlier ones are forgotten. */
function forgetEarlier(buffer: TraceBuffer): void {
  for (let at = 0; at < 40; at++) store(buffer, makeChatSpan({ prompt: 'x'.repeat(1_000_000) }));
}

test('a call is complete when its trace is known up to the root, and may be part of an unknown parent directly above only', () => {
  const root = makeSpan({ traceId: TRACE });
  const middle = makeSpan({ traceId: TRACE, parentSpanId: root.spanContext().spanId });
  const call = childOf(middle, 1000);
  const buffer = new TraceBuffer();
  const [alone, withMiddle, whole] = [[call], [middle, call], [root, call]].map(
    (spans) => buffer.add(spans).calls[0],
  );
  expect(alone).toMatchObject({ isComplete: false, partOf: [idOf(middle)] });
  expect(withMiddle).toMatchObject({ isComplete: false, partOf: [] });
  expect(whole).toMatchObject({ isComplete: true, partOf: [] });
});

test('after its trace was forgotten, a span is known as a part of the record that was stored, and that record as itself', () => {
  const root = makeSpan({ traceId: TRACE });
  const outer = childOf(root, 2000);
  const middle = childOf(outer, 1900);
  const inner = childOf(middle, 1800);
  const buffer = new TraceBuffer();
  const [recorded] = store(buffer, root, outer, middle, inner).calls;
  const recordedId = `${TRACE}-${recorded?.call.spanId}`;
  forgetEarlier(buffer);
  for (const span of [outer, middle, inner]) {
    const { partOf } = buffer.add([root, span]).calls[0] ?? {};
    expect(partOf?.includes(recordedId)).toBe(idOf(span) !== recordedId);
    forgetEarlier(buffer);
  }
});

test('a span whose record the store refused is not known as a part of it after its trace was forgotten', () => {
  const root = makeSpan({ traceId: TRACE });
  const outer = childOf(root, 2000);
  const inner = childOf(outer, 1900);
  const buffer = new TraceBuffer();
  buffer.add([root, outer, inner]);
  forgetEarlier(buffer);
  for (const span of [outer, inner]) expect(buffer.add([root, span]).calls[0]?.partOf).toEqual([]);
});

test('a record that was made too early is superseded once, when the store no longer has it', () => {
  const root = makeSpan({ traceId: TRACE });
  const outer = childOf(root, 2000);
  const inner = childOf(outer, 1900);
  const buffer = new TraceBuffer();
  expect(store(buffer, root, inner).superseded).toEqual([]);
  const early = buffer.add([outer]).superseded;
  expect(early).toHaveLength(1);
  // The store has refused the request: it is repeated.
  expect(store(buffer, outer).superseded).toEqual(early);
  expect(store(buffer, outer, inner).superseded).toEqual([]);
});

test('what was forgotten of a trace is free for garbage collection', async () => {
  const buffer = new TraceBuffer();
  const spans = ((): readonly WeakRef<SpanLike>[] => {
    const root = makeSpan({ traceId: TRACE });
    const outer = childOf(root, 2000);
    const added = [root, outer, childOf(outer, 1900)];
    store(buffer, ...added);
    return added.map((span) => new WeakRef(span));
  })();
  forgetEarlier(buffer);
  await collectGarbage();
  expect(spans.map((span) => span.deref()?.name)).toEqual([undefined, undefined, undefined]);
  expect(buffer.usage().spans).toBeLessThan(40);
});

test('a record that is withdrawn by an opt-out above it is written in the order of its trace', () => {
  const root = makeSpan({ traceId: TRACE, attributes: { 'trubrics.record': false } });
  const call = childOf(root, 1000);
  const buffer = new TraceBuffer();
  expect(store(buffer, call).calls).toHaveLength(1);
  const { calls, superseded, traceIds } = store(buffer, root);
  expect([calls, superseded, [...traceIds]]).toEqual([[], [idOf(call)], [TRACE]]);
});

test('a call that two libraries traced is one record, also in two traces, until a later form of a span says that they are two', () => {
  const spanOf = (traceId: string, library: string, responseId: string, durationMs = 1000): SpanLike => ({
    ...makeChatSpan({
      traceId,
      spanId: library.padEnd(16, '0'),
      durationMs,
      prompt: `Question of ${responseId}`,
      attributes: { 'gen_ai.response.id': responseId },
    }),
    instrumentationScope: { name: library },
    events: [{ name: 'gen_ai.evaluation.result', attributes: { 'gen_ai.evaluation.name': library } }],
  });
  const [first, second] = ['a', 'b'].map((digit) => digit.repeat(32)) as [string, string];
  const [one, other] = [spanOf(first, 'aa', 'r1'), spanOf(second, 'bb', 'r1')];
  expect(new TraceBuffer().add([one, other]).calls).toHaveLength(1);

  const buffer = new TraceBuffer();
  const early = store(buffer, other).calls;
  const joined = store(buffer, one);
  expect(joined.evaluations.map(({ recordId }) => recordId)).toEqual([idOf(one), idOf(one)]);
  expect([early.length, joined.calls.length]).toEqual([1, 1]);
  expect(joined.superseded).toEqual([idOf(other)]);
  expect(joined.traceIds).toEqual(new Set([first, second]));
  const parted = store(buffer, spanOf(second, 'bb', 'r2', 2000));
  expect(parted.calls.map(({ call }) => call.traceId).sort()).toEqual([first, second]);
  expect(parted.superseded).toEqual([]);
});

test('an evaluation of a span whose own record was made too early is about the record that replaced it', () => {
  const root = makeSpan({ traceId: TRACE });
  const outer = childOf(root, 2000);
  const inner: SpanLike = {
    ...childOf(outer, 1900),
    events: [{ name: 'gen_ai.evaluation.result', attributes: { 'gen_ai.evaluation.name': 'helpful' } }],
  };
  const buffer = new TraceBuffer();
  expect(store(buffer, root, inner).evaluations).toMatchObject([{ recordId: idOf(inner) }]);
  const { superseded, evaluations } = store(buffer, outer);
  expect(superseded).toEqual([idOf(inner)]);
  expect(evaluations).toMatchObject([{ recordId: idOf(outer) }]);
});

test('LLM spans below a span are counted anew when they move, become calls, or go', () => {
  const below = new CallsBelow<string>();
  const has = (span: string) => [below.hasSpan(span), below.hasCall(span)];
  below.count('call', ['agent', 'root'], false);
  expect([has('agent'), has('root')]).toEqual([
    [true, false],
    [true, false],
  ]);
  expect(below.takeChanged()).toEqual(new Set(['agent', 'root']));
  expect(below.takeChanged()).toEqual(new Set());
  below.count('call', ['agent'], true);
  expect([has('agent'), has('root')]).toEqual([
    [true, true],
    [false, false],
  ]);
  below.count('call', [], true);
  expect(has('agent')).toEqual([false, false]);
  below.count('call', ['agent'], true);
  below.forget('agent');
  expect(has('agent')).toEqual([false, false]);
});

test('of spans that ended before a time nothing is kept in memory but which records they are, and later ones stay', async () => {
  const buffer = new TraceBuffer();
  const limitMs = Date.UTC(2026, 0, 2);
  /** A call with an evaluation, its agent, a failed request of the store, and evaluations of its response before it. */
  const sendAll = (traceId: string, startMs: number): WeakRef<object> => {
    const text = { text: `an explanation in ${traceId}` };
    const evaluation = { name: 'gen_ai.evaluation.result', time: [startMs / 1000, 0] as [number, number] };
    const attributes = { 'gen_ai.evaluation.explanation': text, 'gen_ai.response.id': `response ${traceId}` };
    buffer.add([], [{ span: undefined, event: { ...evaluation, attributes } }]);
    const agent = makeSpan({
      traceId,
      startMs,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', text },
    });
    const call = makeChatSpan({
      traceId,
      parentSpanId: agent.spanContext().spanId,
      startMs,
      attributes: { 'gen_ai.response.id': `response ${traceId}`, text },
      events: [{ ...evaluation, attributes: { 'gen_ai.evaluation.name': 'kind', text } }],
    });
    store(buffer, call);
    buffer.add([agent]);
    return new WeakRef(text);
  };
  const [old, late] = [sendAll('a'.repeat(32), limitMs - 5000), sendAll('b'.repeat(32), limitMs - 1000)];
  buffer.forgetUpTo(limitMs);
  expect(buffer.usage()).toMatchObject({ spans: 2, traces: 1 });
  await collectGarbage();
  expect([old.deref() === undefined, late.deref() === undefined]).toEqual([true, false]);
  const again = makeChatSpan({ traceId: 'b'.repeat(32), attributes: { 'gen_ai.response.id': 'x' } });
  expect(buffer.add([again]).calls).toHaveLength(1);
});

test('a span that comes again after its age made it forgotten is part of the record that was stored', () => {
  const outer = childOf(makeSpan({ traceId: TRACE }), 2000);
  const inner = childOf(outer, 1800);
  const buffer = new TraceBuffer();
  const [recorded] = store(buffer, outer, inner).calls;
  buffer.forgetUpTo(Date.UTC(2027, 0));
  expect(buffer.usage()).toMatchObject({ spans: 0, traces: 0 });
  expect(buffer.add([inner]).calls[0]?.partOf).toContain(`${TRACE}-${recorded?.call.spanId}`);
});
