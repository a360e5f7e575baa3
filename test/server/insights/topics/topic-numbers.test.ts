import { expect, test } from 'vitest';
import { examplesOf, numbersOf } from '../../../../src/server/insights/topics/topic-numbers.js';
import type { SampledRequest } from '../../../../src/server/model/request-sample.js';

function request(id: string, fields: Partial<SampledRequest> = {}): SampledRequest {
  return {
    id,
    userId: 'ada',
    text: id,
    isError: false,
    cost: 0,
    pricedCalls: 0,
    unpricedCalls: 0,
    ...fields,
  };
}

test('requests of one conversation count once, those without one each, whatever their ids are', () => {
  const requests = [
    request('a', { threadId: 't' }),
    request('b', { threadId: 't', userId: 'bob' }),
    request('t'),
    request('c', { userId: 'anonymous' }),
  ];
  expect(numbersOf(requests, 12)).toEqual({
    requests: 4,
    people: 2,
    conversations: 3,
    share: 0.25,
    errors: 0,
    cost: 0,
    pricedCalls: 0,
    unpricedCalls: 0,
  });
  expect(numbersOf([], 0)).toMatchObject({ requests: 0, share: 0 });
});

test('errors, costs and calls are added up, and sums of costs have no rest of rounding', () => {
  const requests = [
    request('a', { isError: true, cost: 0.1, pricedCalls: 2, unpricedCalls: 1 }),
    request('b', { cost: 0.2, pricedCalls: 1 }),
    request('c', { isError: true, unpricedCalls: 3 }),
  ];
  expect(numbersOf(requests, 3)).toMatchObject({ errors: 2, cost: 0.3, pricedCalls: 3, unpricedCalls: 4 });
});

test('examples are the first three different texts, without blanks around them and cut', () => {
  const texts = [' one ', 'one', 'two', 'x'.repeat(300), 'four'];
  expect(examplesOf(texts.map((text, at) => request(String(at), { text })))).toEqual([
    { id: '0', text: 'one' },
    { id: '2', text: 'two' },
    { id: '3', text: 'x'.repeat(200) },
  ]);
});
