import { expect, test } from 'vitest';
import { threadFact } from '../../../../src/server/page/views/conversations/thread-fact.js';

const NOTHING = {
  prompts: 0,
  events: 0,
  errors: 0,
  totalTokens: 0,
  cost: 0,
  pricedCalls: 0,
  unpricedCalls: 0,
};

test('a conversation without prompts says what is there instead', () => {
  expect(threadFact({ ...NOTHING, prompts: 1, errors: 2, events: 3 }, 'latest')).toBe('1 prompt');
  expect(threadFact({ ...NOTHING, prompts: 2, cost: 0.5, pricedCalls: 1 }, 'latest')).toBe(
    '2 prompts · $0.50',
  );
  expect(threadFact({ ...NOTHING, prompts: 2, unpricedCalls: 2 }, 'latest')).toBe('2 prompts');
  expect(threadFact({ ...NOTHING, errors: 2, events: 3 }, 'latest')).toBe('2 errors');
  expect(threadFact({ ...NOTHING, events: 1 }, 'earliest')).toBe('1 event');
});

test('a conversation says the number that the list is ordered by', () => {
  const counts = { ...NOTHING, events: 2, errors: 2, totalTokens: 7 };
  expect(threadFact(counts, 'prompts')).toBe('0 prompts');
  expect(threadFact(counts, 'errors')).toBe('2 errors');
  expect(threadFact(counts, 'tokens')).toBe('7 tokens');
});
