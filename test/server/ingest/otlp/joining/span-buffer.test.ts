import { expect, test } from 'vitest';
import type { SpanEventLike } from '../../../../../src/reading/model/span-like.js';
import type { BufferedSpan } from '../../../../../src/server/ingest/otlp/joining/buffered-span.js';
import { SpanBuffer } from '../../../../../src/server/ingest/otlp/joining/span-buffer.js';
import { collectGarbage } from '../../../../support/collect-garbage.js';
import { makeChatSpan, makeSpan } from '../../../../support/span.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const idsOf = (spans: Iterable<BufferedSpan>): string[] => [...spans].map(({ spanId }) => spanId);
const eventsNamed = (...names: string[]): ReadonlyMap<string, SpanEventLike> =>
  new Map(names.map((name) => [name, { name, time: [1, 0] }]));

/** Evicts, and returns the ids of the calls that were forgotten, trace by trace. */
function evicted(buffer: SpanBuffer): string[][] {
  const lost: string[][] = [];
  buffer.evict((spans) => lost.push(idsOf(spans)));
  return lost;
}

test('spans, characters and traces of calls are counted, also after spans were replaced', () => {
  const buffer = new SpanBuffer();
  expect(buffer.usage()).toEqual({ spans: 0, characters: 0, traces: 0, tracesWithGaps: 0 });
  const other = makeSpan({ spanId: 'a1', attributes: { text: 'x'.repeat(100), list: ['abc'], n: 1 } });
  buffer.add(other);
  // 200 for the span, 50 for each attribute; a list has the length of its JSON, a number 8.
  expect(buffer.usage()).toMatchObject({ spans: 1, characters: 200 + 150 + 100 + 7 + 8, traces: 0 });
  buffer.add(makeSpan({ spanId: 'a1', durationMs: 2_000, attributes: { text: 'y' } }));
  expect(buffer.usage()).toMatchObject({ spans: 1, characters: 251 });
  const call = makeSpan({
    spanId: 'a2',
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' },
    events: [{ name: 'e', attributes: { a: 'bc' } }, { name: 'f' }],
  });
  buffer.add(call);
  expect(buffer.usage()).toMatchObject({
    spans: 2,
    characters: 251 + 200 + 100 + 5 + 50 + 52 + 50,
    traces: 1,
  });
  buffer.add(call);
  buffer.add(makeChatSpan({ traceId: 'b'.repeat(32) }));
  expect(buffer.usage()).toMatchObject({ spans: 3, traces: 2 });
});

test('of two spans with one id, the one that ended later is kept, and the last of equal ones', () => {
  const buffer = new SpanBuffer();
  const made = (name: string, durationMs: number) => makeSpan({ name, spanId: 'a1', durationMs });
  const first = buffer.add(made('first', 1_000));
  expect(buffer.add(made('earlier', 500))).toBe(first);
  expect(first.span.name).toBe('first');
  expect(buffer.add(made('later', 1_000.5)).span.name).toBe('later');
  expect(buffer.add(made('a little earlier', 1_000.25)).span.name).toBe('later');
  expect(buffer.add(made('equal', 1_000.5)).span.name).toBe('equal');
  expect(buffer.add(made('much later', 3_000)).span.name).toBe('much later');
  expect(buffer.get(TRACE, 'a1')).toBe(first);
});

test('events of log records stay with a span that is sent again, and are added once', () => {
  const buffer = new SpanBuffer();
  const known = buffer.add(makeSpan({ spanId: 'a1' }));
  buffer.addLogEvents(known, eventsNamed('x', 'y'));
  buffer.addLogEvents(known, eventsNamed('y', 'z'));
  buffer.add(makeSpan({ spanId: 'a1', durationMs: 2_000 }));
  expect(known.span.events?.map(({ name }) => name)).toEqual(['x', 'y', 'z']);
  expect(known.sent.events).toEqual([]);
  const { span } = known;
  buffer.addLogEvents(known, eventsNamed('z'));
  expect(known.span).toBe(span);
});

test('a span moves when it names another parent, and a parent may come later', () => {
  const buffer = new SpanBuffer();
  const child = buffer.add(makeChatSpan({ spanId: 'c1', parentSpanId: 'p1' }));
  expect(buffer.usage().tracesWithGaps).toBe(1);
  const parent = buffer.add(makeSpan({ spanId: 'p1' }));
  expect(buffer.usage().tracesWithGaps).toBe(0);
  expect(buffer.childrenOf(parent)).toEqual([child]);
  expect(idsOf(buffer.ancestorsOf(child))).toEqual(['p1']);
  const other = buffer.add(makeSpan({ spanId: 'p2' }));
  buffer.add(makeChatSpan({ spanId: 'c1', parentSpanId: 'p2', durationMs: 2_000 }));
  expect(buffer.childrenOf(parent)).toEqual([]);
  expect(buffer.childrenOf(other)).toEqual([child]);
  buffer.add(makeChatSpan({ spanId: 'c1', parentSpanId: 'gone', durationMs: 3_000 }));
  expect(buffer.usage().tracesWithGaps).toBe(1);
  buffer.add(makeChatSpan({ spanId: 'c1', durationMs: 4_000 }));
  expect(buffer.usage().tracesWithGaps).toBe(0);
});

test('spans above each other have no ancestors, and deep ones have 256', () => {
  const buffer = new SpanBuffer();
  const loop = buffer.add(makeSpan({ spanId: 'l1', parentSpanId: 'l2' }));
  buffer.add(makeSpan({ spanId: 'l2', parentSpanId: 'l1' }));
  expect(buffer.ancestorsOf(loop)).toEqual([]);
  const below = buffer.add(makeSpan({ spanId: 'l3', parentSpanId: 'l1' }));
  expect(idsOf(buffer.ancestorsOf(below))).toEqual(['l1', 'l2']);
  for (let depth = 0; depth < 300; depth += 1)
    buffer.add(makeSpan({ spanId: `d${depth}`, ...(depth > 0 && { parentSpanId: `d${depth - 1}` }) }));
  const deepest = buffer.get(TRACE, 'd299');
  expect(deepest && buffer.ancestorsOf(deepest)).toHaveLength(256);
});

test('a tree is collected once, from each span downwards', () => {
  const buffer = new SpanBuffer();
  const root = buffer.add(makeSpan({ spanId: 'r' }));
  for (const [spanId, parentSpanId] of [
    ['a', 'r'],
    ['b', 'r'],
    ['c', 'a'],
  ] as const)
    buffer.add(makeSpan({ spanId, parentSpanId }));
  const all = new Set<BufferedSpan>();
  buffer.collectTree(root, all);
  expect(idsOf(all).toSorted()).toEqual(['a', 'b', 'c', 'r']);
  const known = buffer.get(TRACE, 'a');
  const partly = new Set(known ? [known] : []);
  buffer.collectTree(root, partly);
  expect(idsOf(partly).toSorted()).toEqual(['a', 'b', 'r']);
});

test('above 20,000 other spans the oldest are forgotten, but none above a call', () => {
  const buffer = new SpanBuffer();
  const call = buffer.add(makeChatSpan({ spanId: 'call', parentSpanId: 'above' }));
  buffer.add(makeSpan({ spanId: 'above' }));
  expect(idsOf(buffer.ancestorsOf(call))).toEqual(['above']);
  for (let at = 0; at < 20_000; at += 1) buffer.add(makeSpan({ spanId: `o${at}`, traceId: `t${at % 7}` }));
  expect(evicted(buffer)).toEqual([]);
  expect(buffer.usage()).toMatchObject({ spans: 20_002, traces: 1 });
  buffer.add(makeSpan({ spanId: 'one more', traceId: 't0' }));
  expect(evicted(buffer)).toEqual([]);
  expect(buffer.get('t0', 'o0')).toBeUndefined();
  expect(buffer.get('t1', 'o1')).toBeDefined();
  expect(buffer.get(TRACE, 'above')).toBeDefined();
  expect(buffer.usage().spans).toBe(20_002);
});

test('a span above a call stays with it when it is sent again', () => {
  const buffer = new SpanBuffer();
  const call = buffer.add(makeChatSpan({ spanId: 'call', parentSpanId: 'above' }));
  buffer.add(makeSpan({ spanId: 'above' }));
  const { characters } = buffer.usage();
  for (let at = 0; at < 3; at += 1) buffer.ancestorsOf(call);
  buffer.add(makeSpan({ spanId: 'above', durationMs: 2_000 }));
  expect(buffer.usage()).toMatchObject({ spans: 2, characters });
  for (let at = 0; at <= 20_000; at += 1) buffer.add(makeSpan({ spanId: `o${at}`, traceId: 'other' }));
  evicted(buffer);
  expect(buffer.get(TRACE, 'above')).toBeDefined();
});

test('above 8 million characters of other spans the oldest are forgotten', () => {
  const buffer = new SpanBuffer();
  const attributes = { text: 'x'.repeat(1_000_000) };
  for (let at = 0; at < 10; at += 1) buffer.add(makeSpan({ spanId: `o${at}`, attributes }));
  evicted(buffer);
  expect(buffer.usage()).toMatchObject({ spans: 8 });
  expect(buffer.usage().characters).toBeLessThan(8 * 1024 * 1024);
  expect(buffer.get(TRACE, 'o2')).toBeDefined();
});

test('above 32 million characters of calls the least recently updated trace is forgotten', () => {
  const buffer = new SpanBuffer();
  const long = (traceId: string, spanId: string) =>
    makeChatSpan({ traceId, spanId, attributes: { text: 'x'.repeat(8_000_000) } });
  for (const traceId of ['t1', 't2', 't3', 't4']) buffer.add(long(traceId, `${traceId} call`));
  buffer.add(makeSpan({ traceId: 't2', spanId: 'beside' }));
  expect(evicted(buffer)).toEqual([]);
  buffer.add(makeChatSpan({ traceId: 't1', spanId: 'again' }));
  buffer.add(long('t5', 't5 call'));
  expect(evicted(buffer)).toEqual([['t2 call']]);
  expect(buffer.get('t2', 'beside')).toBeUndefined();
  expect(buffer.usage()).toMatchObject({ spans: 5, traces: 4 });
});

test('above 50,000 spans of calls the least recently updated traces are forgotten', () => {
  const buffer = new SpanBuffer();
  const call = makeChatSpan();
  const added = (traceId: string, spanId: string) =>
    buffer.add({ ...call, spanContext: () => ({ traceId, spanId, traceFlags: 1 }) });
  for (let at = 0; at < 50_000; at += 1) added(`t${at % 100}`, `s${at}`);
  expect(evicted(buffer)).toEqual([]);
  added('new', 's');
  expect(evicted(buffer).map((spans) => spans.length)).toEqual([500]);
  expect(buffer.usage()).toMatchObject({ spans: 49_501, traces: 100 });
});

test('nothing is kept of a trace whose spans are all forgotten', async () => {
  const buffer = new SpanBuffer();
  const attributes = { text: 'x'.repeat(9_000_000) };
  const forgotten = ['t1', 't2'].map(
    (traceId) => new WeakRef(buffer.add(makeSpan({ traceId, attributes })).trace),
  );
  evicted(buffer);
  expect(buffer.usage()).toMatchObject({ spans: 0, characters: 0 });
  await collectGarbage();
  expect(forgotten.map((trace) => trace.deref())).toEqual([undefined, undefined]);
});
