import { expect, test } from 'vitest';
import { StreamUsage } from '../../../src/langchain/runs/stream-usage.js';

const details = (cache_read?: unknown, cache_creation?: unknown) => ({
  input_token_details: { cache_read, cache_creation },
});

test('of counts that chunks repeat, the largest is taken', () => {
  const usage = new StreamUsage();
  for (const [total, read, creation] of [
    [10, 4, 1],
    [12, 3, 2],
    [12, 1, 2],
  ])
    usage.add({}, { total_tokens: total, ...details(read, creation) }, false);
  expect(usage).toMatchObject({ total: 12, cacheRead: 4, cacheCreation: 2, totalsAreCumulative: true });
});

test('totals that get smaller are those of single chunks', () => {
  const usage = new StreamUsage();
  usage.add({}, { total_tokens: 10 }, false);
  usage.add({}, { total_tokens: 2 }, false);
  expect(usage).toMatchObject({ total: 10, totalsAreCumulative: false });
});

test('counts that are no counts are ignored', () => {
  const usage = new StreamUsage();
  for (const wrong of [-1, Number.NaN, Infinity, '3', null])
    usage.add({}, { total_tokens: wrong, ...details(wrong, wrong) }, false);
  expect(usage).toMatchObject({ total: undefined, cacheRead: undefined, cacheCreation: undefined });
});

test.each<[string, Record<string, unknown>, number | undefined]>([
  ['of Anthropic by its provider', { response_metadata: { model_provider: 'anthropic' } }, 7],
  ['of Anthropic by its type', { additional_kwargs: { type: 'message' } }, 7],
  ['of another provider', { response_metadata: { model_provider: 'openai' } }, undefined],
])('the output tokens of a first chunk %s are counted twice: %s', (_title, message, expected) => {
  const [first, later] = [new StreamUsage(), new StreamUsage()];
  first.add(message, { output_tokens: 7 }, true);
  first.add(message, { output_tokens: 9 }, false);
  later.add(message, { output_tokens: 7 }, false);
  expect(first.countedTwice).toBe(expected);
  expect(later.countedTwice).toBeUndefined();
});
