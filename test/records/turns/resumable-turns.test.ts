import { expect, test } from 'vitest';
import { ResumableTurns } from '../../../src/records/turns/resumable-turns.js';

const TRIP = { userId: 'ada', threadId: 'trip' };
const question = (text = 'q', count = 1) => ({ text, count });

test('a turn resumes the turn of its thread that stopped at the same question, once', () => {
  const turns = new ResumableTurns();
  expect(turns.settle(TRIP, question(), 'first', false)).toBeUndefined();
  expect(turns.settle(TRIP, question(), 'second', false)).toBe('first');
  expect(turns.settle(TRIP, question(), 'third', true)).toBe('second');
  expect(turns.settle(TRIP, question(), 'fourth', true)).toBeUndefined();
});

test('a turn that is over is not resumed', () => {
  const turns = new ResumableTurns();
  turns.settle(TRIP, question(), 'first', true);
  expect(turns.settle(TRIP, question(), 'second', true)).toBeUndefined();
});

test.each([
  ['other words', question('r')],
  ['the same words asked again', question('q', 2)],
])('a turn with %s resumes nothing, and the stopped turn is given up', (_what, other) => {
  const turns = new ResumableTurns();
  turns.settle(TRIP, question(), 'first', false);
  expect(turns.settle(TRIP, other, 'second', true)).toBeUndefined();
  expect(turns.settle(TRIP, question(), 'third', true)).toBeUndefined();
});

test('questions that begin alike differ by their length', () => {
  const turns = new ResumableTurns();
  turns.settle(TRIP, question('x'.repeat(300)), 'first', false);
  expect(turns.settle(TRIP, question('x'.repeat(301)), 'second', true)).toBeUndefined();
});

test('a turn of another user or thread, or without a thread or a question, resumes nothing', () => {
  const turns = new ResumableTurns();
  turns.settle(TRIP, question(), 'first', false);
  expect(turns.settle({ userId: 'grace', threadId: 'trip' }, question(), 'x', true)).toBeUndefined();
  expect(turns.settle({ userId: 'ada', threadId: 'other' }, question(), 'x', true)).toBeUndefined();
  expect(turns.settle(TRIP, undefined, 'x', true)).toBeUndefined();
  turns.settle({ userId: 'ada' }, question(), 'without a thread', false);
  expect(turns.settle({ userId: 'ada' }, question(), 'x', true)).toBeUndefined();
  expect(turns.settle(TRIP, question(), 'second', true)).toBe('first');
});

test('a thousand threads are remembered, and the one without a turn for longest is forgotten', () => {
  const turns = new ResumableTurns();
  const thread = (number: number) => ({ userId: 'ada', threadId: String(number) });
  for (let number = 0; number < 1_000; number += 1) turns.settle(thread(number), question(), 'old', false);
  expect(turns.settle(thread(0), question(), 'new', false)).toBe('old');
  turns.settle(thread(1_000), question(), 'old', false);
  expect(turns.settle(thread(1), question(), 'x', true)).toBeUndefined();
  expect(turns.settle(thread(0), question(), 'x', true)).toBe('new');
  expect(turns.settle(thread(2), question(), 'x', true)).toBe('old');
});
