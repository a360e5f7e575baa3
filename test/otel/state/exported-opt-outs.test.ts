import { expect, test } from 'vitest';
import { ExportedOptOuts } from '../../../src/otel/state/exported-opt-outs.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { makeSpan } from '../../support/span.js';

/** A span that has ended, of which the parent is in this process. */
function span(id: string, parentId?: string, record?: unknown): SpanLike {
  const attributes = record === undefined ? {} : { 'trubrics.record': record };
  return {
    ...makeSpan({ attributes }),
    spanContext: () => ({ traceId: 'trace', spanId: id }),
    parentSpanContext: parentId === undefined ? undefined : { spanId: parentId, isRemote: false },
  };
}

function setUp(maxSpans?: number) {
  const withdrawing: string[] = [];
  const onWithdrawn = (by: SpanLike): void => void withdrawing.push(by.spanContext().spanId);
  return { optOuts: new ExportedOptOuts(onWithdrawn, maxSpans), withdrawing };
}

test('a call whose spans were all exported with it awaits nothing', () => {
  const { optOuts } = setUp();
  const batch = [span('call', 'root'), span('root')];
  optOuts.onExport(batch);
  expect(optOuts.above(span('call', 'root'), [span('root')])).toBeUndefined();
  expect(optOuts.above(span('root'), [])).toBeUndefined();
  const remote = { ...span('x', 'elsewhere'), parentSpanContext: { spanId: 'elsewhere', isRemote: true } };
  expect(optOuts.above(remote, [])).toBeUndefined();
});

test.each([
  ['its parent', [span('parent', 'root', false)]],
  [
    'a span further above, in the same batch as its parent',
    [span('parent', 'root'), span('root', undefined, false)],
  ],
  ['a span further above, before its parent', [span('root', undefined, 'no'), span('parent', 'root')]],
])('a call is withdrawn by an opt-out on %s in a later batch', (_title, batch) => {
  const { optOuts, withdrawing } = setUp();
  const state = optOuts.above(span('call', 'parent'), []);
  expect(state?.()).toBe('open');
  optOuts.onExport(batch);
  expect(state?.()).toBe('withdrawn');
  expect(withdrawing).toEqual([
    batch.find((by) => by.attributes['trubrics.record'] !== undefined)?.spanContext().spanId,
  ]);
});

test('a call is withdrawn by an opt-out that comes two batches later', () => {
  const { optOuts, withdrawing } = setUp();
  const state = optOuts.above(span('call', 'between'), [span('between', 'parent')]);
  optOuts.onExport([span('parent', 'root')]);
  expect(state?.()).toBe('open');
  expect(withdrawing).toEqual([]);
  optOuts.onExport([span('root', undefined, false)]);
  expect(state?.()).toBe('withdrawn');
  expect(withdrawing).toEqual(['root']);
});

test('two calls below one span await it together', () => {
  const { optOuts } = setUp();
  const states = ['a', 'b'].map((id) => optOuts.above(span(id, 'root'), []));
  optOuts.onExport([span('root', undefined, false)]);
  expect(states.map((state) => state?.())).toEqual(['withdrawn', 'withdrawn']);
});

test.each([
  ['the root comes and says nothing', [span('parent', 'root'), span('root')]],
  ['the root comes before its child', [span('root'), span('parent', 'root')]],
  ['a nearer span says true', [span('parent', 'root', true), span('root', undefined, false)]],
])('a call is kept for good when %s', (_title, batch) => {
  const { optOuts, withdrawing } = setUp();
  const state = optOuts.above(span('call', 'parent'), []);
  optOuts.onExport(batch);
  expect(state?.()).toBe('kept');
  expect(withdrawing).toEqual([]);
});

test('a call that is exported after an opted-out span above it is not recorded, at any depth', () => {
  const { optOuts } = setUp();
  optOuts.onExport([span('root', undefined, false)]);
  expect(optOuts.above(span('call', 'root'), [])?.()).toBe('withdrawn');
  optOuts.onExport([span('below', 'root'), span('allowed', 'root', true)]);
  expect(optOuts.above(span('call', 'below'), [])?.()).toBe('withdrawn');
  expect(optOuts.above(span('call', 'allowed'), [])?.()).toBe('open');
});

test('spans whose ids form a circle end the waiting of the calls below them', () => {
  const { optOuts } = setUp();
  const state = optOuts.above(span('call', 'a'), []);
  optOuts.onExport([span('a', 'b'), span('b', 'c'), span('c', 'b')]);
  expect(state?.()).toBe('kept');
});

test('an opt-out above no exported call withdraws nothing', () => {
  const { optOuts, withdrawing } = setUp();
  optOuts.onExport([span('root', undefined, false)]);
  expect(withdrawing).toEqual([]);
});

test('spans that cannot be read do not keep others from being read', () => {
  const { optOuts } = setUp();
  const state = optOuts.above(span('call', 'root'), []);
  const hostile = {
    spanContext: () => {
      throw new Error('no');
    },
  } as unknown as SpanLike;
  optOuts.onExport([hostile, null as unknown as SpanLike, span('root', undefined, false), hostile]);
  expect(state?.()).toBe('withdrawn');
});

test('calls below spans that do not come are kept when too many wait, the first one first', () => {
  const { optOuts } = setUp(2);
  const states = ['a', 'b', 'c'].map((id) => optOuts.above(span('call', id), []));
  expect(states.map((state) => state?.())).toEqual(['kept', 'open', 'open']);
  optOuts.onExport(['a', 'b', 'c'].map((id) => span(id, undefined, false)));
  expect(states.map((state) => state?.())).toEqual(['kept', 'withdrawn', 'withdrawn']);
});

test('the opted-out span that was noted first is forgotten above a number', () => {
  const { optOuts } = setUp(2);
  for (const id of ['a', 'b', 'c']) optOuts.onExport([span(id, undefined, false)]);
  const states = ['a', 'b', 'c'].map((id) => optOuts.above(span('call', id), [])?.());
  expect(states).toEqual(['open', 'withdrawn', 'withdrawn']);
});

test('a span of an earlier batch that lies below an opted-out one opts out the calls below it', () => {
  const { optOuts } = setUp();
  optOuts.onExport([span('child', 'root'), span('root', undefined, false)]);
  expect(optOuts.above(span('call', 'child'), [])?.()).toBe('withdrawn');
});

test('a span that opts out several calls is told once, after the others of its batch', () => {
  const { optOuts, withdrawing } = setUp();
  const states = ['a', 'b'].map((id) => optOuts.above(span('call', id), []));
  optOuts.onExport([span('a', 'root'), span('b', 'root'), span('root', undefined, false)]);
  expect(states.map((state) => state?.())).toEqual(['withdrawn', 'withdrawn']);
  expect(withdrawing).toEqual(['root']);
});

test('the span above the last one of its batch decides about a call', () => {
  const { optOuts } = setUp();
  optOuts.onExport([span('near', 'top'), span('top', 'root')]);
  const state = optOuts.above(span('call', 'near'), [span('near', 'top'), span('top', 'root')]);
  expect(state?.()).toBe('open');
  optOuts.onExport([span('root', undefined, false)]);
  expect(state?.()).toBe('withdrawn');
});

test('a call is withdrawn by a span that comes after the opted-out one above it', () => {
  const { optOuts, withdrawing } = setUp();
  const state = optOuts.above(span('call', 'between'), []);
  optOuts.onExport([span('root', undefined, false)]);
  expect(state?.()).toBe('open');
  optOuts.onExport([span('between', 'root')]);
  expect(state?.()).toBe('withdrawn');
  expect(withdrawing).toEqual(['between']);
});

test('a call that is decided stays so, however many others wait', () => {
  const { optOuts } = setUp(2);
  const state = optOuts.above(span('call', 'a'), []);
  optOuts.onExport([span('a', undefined, false)]);
  for (const id of ['b', 'c', 'd']) optOuts.above(span('call', id), []);
  expect(state?.()).toBe('withdrawn');
});
