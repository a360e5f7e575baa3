import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallDeduplicator, type FinishedCall } from '../../../src/otel/state/call-deduplicator.js';
import { makeCall, type CallSketch } from '../../support/make-call.js';
import { makeSpan } from '../../support/span.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

let startOrder = 0;

function finished(call: CallSketch, surroundings: Partial<FinishedCall> = {}): FinishedCall {
  startOrder += 1;
  return {
    call: makeCall({ prompt: 'question', answer: 'answer', ...call }),
    span: makeSpan(),
    ancestors: [],
    contextIdentity: undefined,
    startOrder,
    ...surroundings,
  };
}

function deduplicator() {
  const released: FinishedCall[] = [];
  const duplicates = vi.fn<() => void>();
  const calls = new CallDeduplicator((call) => released.push(call), duplicates);
  return { calls, released, duplicates };
}

const ADA = { userId: 'ada' };
const GRACE = { userId: 'grace' };
const ONE = { responseId: 'r1', scope: 'a' };
const OTHER = { responseId: 'r1', scope: 'b' };

test.each([
  ['the first, if both have one', ADA, GRACE, ADA],
  ['the second, if the first has none', undefined, GRACE, GRACE],
  ['the first, if the second has none', ADA, undefined, ADA],
])('two spans of one call have the context identity of %s', (_title, first, second, expected) => {
  const { calls, released } = deduplicator();
  calls.add(finished(ONE, { contextIdentity: first }), true);
  calls.add(finished(OTHER, { contextIdentity: second }), false);
  expect(released).toMatchObject([{ contextIdentity: expected }]);
});

test.each([
  [3, 7],
  [7, 3],
])('two spans of one call, started as %d and %d, keep the earlier place', (first, second) => {
  const { calls, released } = deduplicator();
  calls.add(finished(ONE, { startOrder: first }), true);
  calls.add(finished(OTHER, { startOrder: second }), false);
  expect(released).toMatchObject([{ startOrder: 3 }]);
});

test('a call waits for exactly a second, however many calls come after it', () => {
  const { calls, released } = deduplicator();
  calls.add(finished({ responseId: 'r1' }), true);
  vi.advanceTimersByTime(500);
  for (const responseId of ['r2', 'r3']) calls.add(finished({ responseId }), true);
  vi.advanceTimersByTime(499);
  expect(released).toHaveLength(0);
  vi.advanceTimersByTime(1);
  expect(released).toHaveLength(3);
  vi.advanceTimersByTime(100);
  calls.add(finished({ responseId: 'r4' }), true);
  vi.advanceTimersByTime(999);
  expect(released).toHaveLength(3);
  vi.advanceTimersByTime(1);
  expect(released).toHaveLength(4);
});

test('a call that comes after all were released waits its own second, and no timer is left behind', () => {
  const { calls, released } = deduplicator();
  calls.add(finished({ responseId: 'r1' }), true);
  calls.releaseAll();
  expect(vi.getTimerCount()).toBe(0);
  calls.add(finished({ responseId: 'r2' }), true);
  vi.advanceTimersByTime(1_000);
  expect(released).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});

test('a thousand calls wait, and the one after them releases all in order', () => {
  const { calls, released } = deduplicator();
  for (let index = 0; index < 1_000; index += 1) calls.add(finished({ responseId: `r${index}` }), true);
  expect(released).toHaveLength(0);
  calls.add(finished({ responseId: 'last' }), true);
  expect(released).toHaveLength(1_001);
  expect(released.at(0)?.call.responseId).toBe('r0');
  expect(released.at(-1)?.call.responseId).toBe('last');
});

test('a second span is a duplicate while the first waits, and after it was released', () => {
  const { calls, released, duplicates } = deduplicator();
  calls.add(finished({ responseId: 'r1', scope: 'a' }), true);
  calls.add(finished({ responseId: 'r1', scope: 'b' }), false);
  expect(duplicates).toHaveBeenCalledTimes(1);
  calls.add(finished({ responseId: 'r1', scope: 'c' }), false);
  expect(duplicates).toHaveBeenCalledTimes(2);
  expect(released).toHaveLength(1);
});
