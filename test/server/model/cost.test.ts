import { expect, test } from 'vitest';
import { costOf, toCost } from '../../../src/server/model/cost.js';
import type { NewRecord } from '../../../src/server/index.js';

const COMMON = {
  id: 'r',
  userId: 'ada',
  timestamp: '2026-11-29T10:00:00.000Z',
  receivedAt: '2026-11-29T10:00:01.000Z',
  tags: [],
} as const;

function prompt(properties: NewRecord['properties']): NewRecord {
  return { ...COMMON, kind: 'prompt', prompt: 'q', generation: 'a', properties };
}

function event(name: string, properties: NewRecord['properties']): NewRecord {
  return { ...COMMON, kind: 'event', event: name, properties };
}

test('a record without a cost of the server is one unpriced call, and a turn as many as it has', () => {
  expect(costOf(prompt({}))).toEqual({ cost: 0, pricedCalls: 0, unpricedCalls: 1, byModel: [] });
  expect(costOf(prompt({ call_count: 3 }))).toMatchObject({ pricedCalls: 0, unpricedCalls: 3 });
  // A property of the application that has the same name, on a record that was stored before there were costs.
  expect(costOf(prompt({ cost: 12 }))).toMatchObject({ cost: 0, pricedCalls: 0, unpricedCalls: 1 });
});

test('a cost of 0 is a price: that of a free model, or of an answer from a cache', () => {
  for (const source of ['sent', 'cache', 'own', 'table'])
    expect(costOf(prompt({ cost: 0, cost_source: source }))).toMatchObject({ cost: 0, pricedCalls: 1 });
});

test.each([[-1], [1e7], ['many'], [null], ['NaN'], [true]])('a cost of %j is unknown', (cost) => {
  expect(toCost(cost)).toBeUndefined();
  expect(costOf(prompt({ cost, cost_source: 'table' }))).toMatchObject({ pricedCalls: 0, unpricedCalls: 1 });
});

test('a turn counts its priced and its unpriced calls, by model', () => {
  const parts = { mini: { cost: 0.000_004, priced: 1, unpriced: 1 } };
  const turn = {
    cost: 0.0123,
    cost_source: 'table',
    priced_calls: 2,
    unpriced_calls: 1,
    cost_by_model: parts,
  };
  expect(costOf(prompt(turn))).toEqual({
    cost: 0.0123,
    pricedCalls: 2,
    unpricedCalls: 1,
    byModel: [{ model: 'mini', cost: 0.000_004, pricedCalls: 1, unpricedCalls: 1 }],
  });
  // Parts above the sums of the record contradict it.
  for (const part of [{ cost: 1 }, { cost: 0, priced: 3 }, { cost: 0, unpriced: 2 }])
    expect(costOf(prompt({ ...turn, cost_by_model: { mini: part } })).byModel).toEqual([]);
});

test('a call within a turn and an event of the application cost nothing', () => {
  const priced = { cost: 0.5, cost_source: 'table', input_tokens: 5 };
  expect(costOf(event('LLM call', { ...priced, turn_id: 't' }))).toMatchObject({ cost: 0, unpricedCalls: 0 });
  expect(costOf(event('LLM error', { ...priced, turn_id: 't' }))).toMatchObject({
    cost: 0,
    unpricedCalls: 0,
  });
  expect(costOf(event('Checkout', priced))).toMatchObject({ cost: 0, pricedCalls: 0, unpricedCalls: 0 });
});

test('a failed call without tokens is neither priced nor unpriced', () => {
  expect(costOf(event('LLM error', {}))).toMatchObject({ pricedCalls: 0, unpricedCalls: 0 });
  expect(costOf(event('LLM error', { input_tokens: 9 }))).toMatchObject({ unpricedCalls: 1 });
  expect(costOf(event('LLM error', { input_tokens: 9, cost: 0.25, cost_source: 'table' }))).toMatchObject({
    cost: 0.25,
    pricedCalls: 1,
  });
  expect(costOf(prompt({ error_type: 'stream_error' }))).toMatchObject({ unpricedCalls: 0 });
});
