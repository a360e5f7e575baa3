import { expect, test } from 'vitest';
import { RecentCalls } from '../../../src/reading/calls/recent-calls.js';
import type { LlmCall } from '../../../src/reading/model/llm-call.js';
import { makeCall } from '../../support/make-call.js';

const call = (fields: Partial<LlmCall> & { prompt?: string; answer?: string } = {}): LlmCall =>
  makeCall({
    prompt: 'q',
    answer: 'a',
    requestModel: 'gpt-4o',
    scope: 'lib-a',
    startTimeMs: 0,
    endTimeMs: 100,
    ...fields,
  });

test('with one library, only a span directly above or below is the same call', () => {
  const recent = new RecentCalls();
  recent.add(call({ spanId: 's', parentSpanId: 'p' }));
  expect(recent.claim(call({ spanId: 'other' }))).toBe(false);
  expect(recent.claim(call({ spanId: 'below', parentSpanId: 's' }))).toBe(true);
  expect(recent.claim(call({ spanId: 'p' }))).toBe(true);
  expect(recent.claim(call({ spanId: 'x', parentSpanId: 'y' }))).toBe(false);
});

test('a call of a second library is claimed once, and counts as described by both', () => {
  const recent = new RecentCalls();
  recent.add(call({ spanId: 's' }));
  expect(recent.claim(call({ spanId: 't', scope: 'lib-b' }))).toBe(true);
  expect(recent.claim(call({ spanId: 'u', scope: 'lib-b' }))).toBe(false);
});

test('of calls that ask the same at one time, the one that started closest is claimed', () => {
  const recent = new RecentCalls();
  recent.add(call({ spanId: 'early', startTimeMs: 0, endTimeMs: 100 }));
  recent.add(call({ spanId: 'late', startTimeMs: 40, endTimeMs: 140 }));
  expect(recent.claim(call({ spanId: 'x', scope: 'lib-b', startTimeMs: 40, endTimeMs: 140 }))).toBe(true);
  // Overlaps the early one alone, which is left.
  const short = call({ spanId: 'y', scope: 'lib-b', startTimeMs: 0, endTimeMs: 45 });
  expect([recent.claim(short), recent.claim(short)]).toEqual([true, false]);
});

test('a call is forgotten after a minute', () => {
  const at = (endTimeMs: number, scope: string) =>
    call({ scope, responseId: 'r', startTimeMs: 0, endTimeMs });
  const claimed = (laterMs: number) => {
    const recent = new RecentCalls();
    recent.add(at(100, 'lib-a'));
    return recent.claim(at(100 + laterMs, 'lib-b'));
  };
  expect([claimed(60_000), claimed(60_001)]).toEqual([true, false]);
});

test('a call without content suppresses none that has it', () => {
  const recent = new RecentCalls();
  recent.addWithContent(call({ spanId: 's', inputMessages: [], outputMessages: [] }));
  expect(recent.claim(call({ spanId: 't', parentSpanId: 's' }))).toBe(false);
  recent.addWithContent(call({ spanId: 's' }));
  expect(recent.claim(call({ spanId: 't', parentSpanId: 's' }))).toBe(true);
});

test('the span of a call that an agent was recorded as is the same call, also from the same library', () => {
  const agent = call({ spanId: 'agent', operation: 'invoke_agent' });
  const recent = new RecentCalls();
  recent.add(agent);
  expect(recent.claim(call({ spanId: 'inner', startTimeMs: 10, endTimeMs: 90 }))).toBe(true);
  const plain = new RecentCalls();
  plain.add(call({ spanId: 'inner', startTimeMs: 10, endTimeMs: 90 }));
  expect(plain.claim(agent)).toBe(true);
});

test('a thousand calls are kept at least, and two thousand at most', () => {
  const recent = new RecentCalls();
  const child = (at: number) => call({ spanId: `c${at}`, parentSpanId: `s${at}` });
  const parent = (at: number) => call({ spanId: `p${at}` });
  for (let at = 0; at < 2_000; at += 1) recent.add(call({ spanId: `s${at}`, parentSpanId: `p${at}` }));
  expect([recent.claim(child(0)), recent.claim(parent(0))]).toEqual([true, true]);
  recent.add(call({ spanId: 's2000', parentSpanId: 'p2000' }));
  expect([recent.claim(child(1_000)), recent.claim(parent(1_000))]).toEqual([false, false]);
  expect([recent.claim(child(1_001)), recent.claim(parent(1_001))]).toEqual([true, true]);
});

test('a run of LangChain directly above or below that asks and answers something else is another call', () => {
  const recent = new RecentCalls();
  recent.add(call({ spanId: 's', parentSpanId: 'p', runId: 'r1' }));
  const other = (fields: Partial<LlmCall> & { prompt?: string; answer?: string }): boolean =>
    recent.claim(call({ parentSpanId: 's', runId: 'r2', ...fields }));
  expect(other({ prompt: 'other', answer: 'else' })).toBe(false);
  expect(other({ prompt: 'other' })).toBe(true);
  expect(other({ answer: 'else' })).toBe(true);
  expect(other({ prompt: 'other', outputMessages: [] })).toBe(true);
  expect(recent.claim(call({ spanId: 'p', runId: 'r2', prompt: 'other', answer: 'else' }))).toBe(false);
});

test('a span of the same library directly above or below is the same call, whatever it asks and however long ago the other ended', () => {
  const recent = new RecentCalls();
  recent.add(call({ spanId: 's', parentSpanId: 'p', endTimeMs: 1_000 }));
  const around = { spanId: 'p', endTimeMs: 1_000_000, prompt: 'in a template', answer: 'parsed' };
  expect(recent.claim(call(around))).toBe(true);
  expect(recent.claim(call({ ...around, spanId: 'x' }))).toBe(false);
});
