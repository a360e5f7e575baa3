import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RootSpanBuffer, type RootSpanBufferLimits } from '../../../src/otel/state/root-span-buffer.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { makeSpan } from '../../support/span.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

/** A buffer, and the names of the spans that it emits by itself. */
function buffer(limits: Partial<RootSpanBufferLimits> = {}) {
  const emitted: string[][] = [];
  return { emitted, spans: new RootSpanBuffer((group) => emitted.push(namesOf(group)), limits) };
}

/** A span of a trace; its name is its id, too. */
function span(name: string, parent?: string, traceId = 'trace'): SpanLike {
  return { ...makeSpan({ name, spanId: name, traceId, ...(parent && { parentSpanId: parent }) }), kind: 0 };
}

function namesOf(group: readonly SpanLike[]): string[] {
  return group.map(({ name }) => name);
}

const groupsOf = (groups: readonly (readonly SpanLike[])[]): string[][] => groups.map(namesOf);

test('spans below a root wait for it over several batches, and come out with it', () => {
  const { spans, emitted } = buffer();
  expect(spans.add([span('a', 'root')])).toEqual([]);
  expect(spans.add([span('b', 'a')])).toEqual([]);
  expect(groupsOf(spans.add([span('root')]))).toEqual([['a', 'b', 'root']]);
  spans.emitAll();
  expect(emitted).toEqual([]);
});

test('two roots of one trace are two groups, and spans without a root stay', () => {
  const { spans, emitted } = buffer();
  const groups = spans.add([
    span('a', 'one'),
    span('b', 'two'),
    span('c', 'three'),
    span('one'),
    span('two'),
  ]);
  expect(groupsOf(groups)).toEqual([
    ['a', 'one'],
    ['b', 'two'],
  ]);
  spans.emitAll();
  expect(emitted).toEqual([['c']]);
});

test('a span that ends after its root need not wait', () => {
  const { spans } = buffer();
  spans.add([span('a', 'root'), span('root')]);
  expect(groupsOf(spans.add([span('late', 'a')]))).toEqual([['late']]);
});

test('the local root of a trace is the span whose parent is remote, whatever its kind', () => {
  const { spans } = buffer();
  const remote = { ...span('root', 'caller'), parentSpanContext: { spanId: 'caller', isRemote: true } };
  expect(groupsOf(spans.add([span('a', 'root'), remote]))).toEqual([['a', 'root']]);
});

test('a request below another span of this process is no root, and one of SDK 1 is', () => {
  const { spans } = buffer();
  const local = {
    ...span('inner', 'outer'),
    kind: 1,
    parentSpanContext: { spanId: 'outer', isRemote: false },
  };
  expect(spans.add([local])).toEqual([]);
  const ofSdk1 = { ...span('request', 'caller', 'other'), kind: 1 };
  expect(groupsOf(spans.add([ofSdk1]))).toEqual([['request']]);
});

test('spans below a request go with it, not with the span above it', () => {
  const { spans, emitted } = buffer();
  const request = { ...span('request', 'above'), kind: 1 };
  expect(groupsOf(spans.add([span('above', 'top'), span('a', 'request'), request]))).toEqual([
    ['a', 'request'],
  ]);
  spans.emitAll();
  expect(emitted).toEqual([['above']]);
});

test('a trace whose root does not come is emitted ten minutes after its last span', () => {
  const { spans, emitted } = buffer();
  spans.add([span('a', 'root')]);
  vi.advanceTimersByTime(5 * MINUTE);
  spans.add([span('b', 'root')]);
  vi.advanceTimersByTime(10 * MINUTE - 1);
  expect(emitted).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(emitted).toEqual([['a', 'b']]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a batch of another trace emits what is too old, the longest silent first', () => {
  const { spans, emitted } = buffer({ maxAgeMs: 1_000 });
  spans.add([span('a', 'root', 'one')]);
  vi.advanceTimersByTime(500);
  spans.add([span('b', 'root', 'two')]);
  vi.advanceTimersByTime(300);
  spans.add([span('c', 'root', 'one')]);
  vi.advanceTimersByTime(700);
  spans.add([span('d', 'root', 'three')]);
  expect(emitted).toEqual([['b']]);
});

test('as many spans as allowed are kept, and the next one emits the trace that is silent for longest', () => {
  const { spans, emitted } = buffer({ maxSpans: 3 });
  spans.add([span('a', 'root', 'one'), span('b', 'root', 'two'), span('c', 'root', 'one')]);
  expect(emitted).toEqual([]);
  spans.add([span('d', 'root', 'three')]);
  expect(emitted).toEqual([['b']]);
});

test('spans that were taken or emitted do not count', () => {
  const { spans, emitted } = buffer({ maxSpans: 2 });
  for (const trace of ['one', 'two', 'three'])
    spans.add([span(`a ${trace}`, `root ${trace}`, trace), span(`root ${trace}`, undefined, trace)]);
  spans.add([span('d', 'root', 'four'), span('e', 'root', 'four')]);
  expect(emitted).toEqual([]);
  spans.emitAll();
  spans.add([span('f', 'root', 'five'), span('g', 'root', 'five')]);
  expect(emitted).toEqual([['d', 'e']]);
});

test('a root is remembered for as many spans as the buffer holds', () => {
  const { spans } = buffer({ maxSpans: 2 });
  spans.add([span('root')]);
  spans.add([span('x', undefined, 'other')]);
  expect(groupsOf(spans.add([span('late', 'root')]))).toEqual([['late']]);
  spans.add([span('y', undefined, 'other'), span('z', undefined, 'other')]);
  expect(spans.add([span('later', 'root')])).toEqual([]);
});

test('no timer runs without spans, and one does for spans that come after all were emitted', () => {
  const { spans, emitted } = buffer();
  spans.add([span('root')]);
  expect(vi.getTimerCount()).toBe(0);
  spans.add([span('a', 'root 2')]);
  spans.add([span('b', 'root 2')]);
  expect(vi.getTimerCount()).toBe(1);
  spans.emitAll();
  expect(vi.getTimerCount()).toBe(0);
  spans.add([span('c', 'root 3')]);
  vi.advanceTimersByTime(10 * MINUTE);
  expect(emitted).toEqual([['a', 'b'], ['c']]);
});

test('spans whose parents form a circle end the walk, and are emitted when they are too old', () => {
  const { spans, emitted } = buffer();
  expect(spans.add([span('a', 'b'), span('b', 'a'), span('root')])).toHaveLength(1);
  spans.emitAll();
  expect(emitted.flat().toSorted()).toEqual(['a', 'b']);
});
