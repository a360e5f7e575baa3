import { expect, test } from 'vitest';
import { CallMerger, collapseNested, mergeSameCall } from '../../../src/reading/calls/deduplicate-calls.js';
import type { LocatedCall } from '../../../src/reading/calls/located-call.js';
import type { LlmCall } from '../../../src/reading/model/llm-call.js';
import { makeCall } from '../../support/make-call.js';
import { makeSpan } from '../../support/span.js';

/** Calls that ask the same and get the same answer. */
function located(scope: string, startTimeMs: number, fields: Partial<LlmCall> = {}): LocatedCall {
  const times = { startTimeMs, endTimeMs: startTimeMs + 1_000 };
  const call = makeCall({ prompt: 'q', answer: 'a', requestModel: 'gpt-4o', scope, ...times, ...fields });
  return { call, span: makeSpan(), ancestors: [] };
}

function mergerOf(...calls: readonly LocatedCall[]): CallMerger<LocatedCall> {
  const merger = new CallMerger(mergeSameCall);
  for (const call of calls) merger.add(call);
  return merger;
}

test('of two users who ask the same, a second span completes the call of its own user', () => {
  const merger = mergerOf(located('a', 0, { userId: 'ada' }), located('a', 100, { userId: 'grace' }));
  merger.merge(located('b', 100, { userId: 'ada', responseModel: 'gpt-4o-2024' }));
  expect(merger.takeAll().map(({ call }) => [call.userId, call.responseModel])).toEqual([
    ['ada', 'gpt-4o-2024'],
    ['grace', undefined],
  ]);
});

test.each([
  ['the first', 20, ['gpt-4o-2024', undefined]],
  ['the second', 80, [undefined, 'gpt-4o-2024']],
])(
  'of two equal calls without a user, a second span completes %s if it started closer',
  (_title, startMs, models) => {
    const merger = mergerOf(located('a', 0), located('a', 100));
    merger.merge(located('b', startMs, { responseModel: 'gpt-4o-2024' }));
    expect(merger.takeAll().map(({ call }) => call.responseModel)).toEqual(models);
  },
);

test('below a call of a library, a call that asks and answers something else is the same one', () => {
  const outer = located('a', 0);
  const inner = makeCall({ scope: 'a', parentSpanId: outer.call.spanId, prompt: 'other', answer: 'else' });
  expect(collapseNested(outer, [{ ...outer, call: inner }])).toHaveLength(1);
});

test('a library describes a call once: its second span with the same content is another call', () => {
  const merger = mergerOf(located('a', 0));
  expect(merger.merge(located('b', 0))).toBe('duplicate');
  expect(merger.merge(located('b', 0))).toBeUndefined();
});

test.each(['openai/gpt-4o', 'us.openai.GPT-4o', 'gpt-4o-2024-08-06', 'gpt-4o'])(
  'two libraries that name the model gpt-4o and %s describe one call',
  (requestModel) => {
    expect(mergerOf(located('a', 0)).merge(located('b', 0, { requestModel }))).toBe('duplicate');
    expect(mergerOf(located('a', 0, { requestModel })).merge(located('b', 0))).toBe('duplicate');
  },
);

test('calls are told apart by both ends of long questions, and by their lengths', () => {
  const long = (start: string, end: string): LlmCall['inputMessages'] =>
    makeCall({ prompt: `${start}${'-'.repeat(1_000)}${end}` }).inputMessages;
  const merger = (): CallMerger<LocatedCall> => mergerOf(located('a', 0, { inputMessages: long('1', '1') }));
  const merge = (inputMessages: LlmCall['inputMessages']): unknown =>
    merger().merge(located('b', 0, { inputMessages }));
  expect(merge(long('1', '1'))).toBe('duplicate');
  for (const other of [long('2', '1'), long('1', '2'), long('1-', '1')]) expect(merge(other)).toBeUndefined();
});

test.each([
  ['a call that asks and answers something else', { prompt: 'other', answer: 'else' }, 2],
  ['a failed call that asked something else', { prompt: 'other', error: { type: 'E', message: '' } }, 2],
  ['a call that asks something else and gets the same answer', { prompt: 'other', answer: 'a' }, 1],
  ['a call that asks the same and gets another answer', { prompt: 'q', answer: 'else' }, 1],
  ['a call without an answer', { prompt: 'other' }, 1],
])('below a run of LangChain, %s makes %j %i', (_title, sketch, count) => {
  const plain = located('a', 0);
  const outer = { ...plain, call: { ...plain.call, runId: 'r1' } };
  const below = { scope: 'a', parentSpanId: outer.call.spanId, runId: 'r2', ...sketch };
  const inner = { ...outer, call: makeCall(below) };
  expect(collapseNested(outer, [inner])).toHaveLength(count);
  // A third span that repeats the outer call is still a part of it.
  const repeated = { ...outer, call: { ...outer.call, spanId: 'x', parentSpanId: outer.call.spanId } };
  expect(collapseNested(outer, [inner, repeated])).toHaveLength(count);
});
