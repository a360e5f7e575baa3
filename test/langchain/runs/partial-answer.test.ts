import { expect, test, vi } from 'vitest';
import { PartialAnswer } from '../../../src/langchain/runs/partial-answer.js';

const usage = (counts: Record<string, unknown>) => ({ message: { usage_metadata: counts } });

test('the pieces of an answer are joined and counted, the first one has a time', () => {
  const now = vi.spyOn(performance, 'now');
  const answer = new PartialAnswer();
  expect(answer.isEmpty).toBe(true);
  for (const [time, text] of ['', 'Ro', 'me'].entries()) {
    now.mockReturnValue(time + 1);
    answer.add(text);
  }
  now.mockRestore();
  expect(answer).toMatchObject({ text: 'Rome', chunkCount: 3, firstChunkAt: 1, isEmpty: false });
});

test('an answer without end is kept up to a million characters', () => {
  const answer = new PartialAnswer();
  for (let chunk = 0; chunk < 20; chunk += 1) answer.add('x'.repeat(100_000));
  expect(answer.text).toHaveLength(1_000_000);
  expect(answer.chunkCount).toBe(20);
});

test('token counts are added up over the chunks, and chunks without them are ignored', () => {
  const answer = new PartialAnswer();
  answer.addUsage(undefined);
  answer.addUsage(usage({ input_token_details: { cache_read: 1 } }).message);
  expect(answer.usage).toBeUndefined();
  answer.addUsage(usage({ total_tokens: 5 }));
  answer.addUsage(usage({ total_tokens: 3 }));
  expect(answer.usage).toMatchObject({ total: 5, totalsAreCumulative: false });
});

test('output tokens of the first chunk count twice only if it is the first', () => {
  const start = { message: { response_metadata: { model_provider: 'anthropic' } } };
  const chunk = { message: { ...start.message, usage_metadata: { output_tokens: 4 } } };
  const [first, later] = [new PartialAnswer(), new PartialAnswer()];
  first.addUsage(chunk);
  later.add('text');
  later.addUsage(chunk);
  expect(first.usage?.countedTwice).toBe(4);
  expect(later.usage?.countedTwice).toBeUndefined();
});

test('a last chunk that was read before it was reported is added', () => {
  const answer = new PartialAnswer();
  answer.markRead('one ');
  answer.add('one ');
  answer.markRead('two');
  answer.addUnreportedChunk();
  expect(answer.text).toBe('one two');
});

test('a last chunk that was reported after it was read is not added again', () => {
  const answer = new PartialAnswer();
  answer.markRead('one');
  answer.add('one');
  answer.addUnreportedChunk();
  expect(answer.text).toBe('one');
});

test('a stream that reports before it is read has no unreported chunk, nor has one that was not read', () => {
  const answer = new PartialAnswer();
  answer.add('one');
  answer.markRead('one');
  answer.addUnreportedChunk();
  expect(answer.text).toBe('one');
  const unread = new PartialAnswer();
  unread.addUnreportedChunk();
  expect(unread.chunkCount).toBe(0);
});

test('the first chunk decides whether a stream is read before it is reported', () => {
  const answer = new PartialAnswer();
  answer.markRead('one');
  for (const text of ['one', 'two']) answer.add(text);
  answer.markRead('three');
  answer.addUnreportedChunk();
  expect(answer.text).toBe('onetwothree');
});
