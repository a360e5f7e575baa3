import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { locateCalls } from '../../../src/reading/calls/deduplicate-calls.js';
import { replay } from '../../support/replay-callbacks.js';

const FOLDER = new URL('../../fixtures/langchain-callbacks/', import.meta.url);
const providers = readdirSync(FOLDER).flatMap((file) => /^provider-(.+)\.json$/.exec(file)?.[1] ?? []);

test('there are recorded callbacks of providers', () => {
  expect(providers.length).toBeGreaterThan(10);
});

test.each(providers)('no count of a part exceeds the whole in the callbacks of %s', async (provider) => {
  const usages = locateCalls(await replay(provider)).map(({ call }) => call.usage);
  const wrong = usages.filter((usage) => {
    const { inputTokens, outputTokens, totalTokens } = usage;
    const { cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage;
    return (
      (inputTokens ?? Infinity) < cacheReadTokens + cacheWriteTokens ||
      (outputTokens ?? Infinity) < reasoningTokens ||
      (totalTokens ?? Infinity) < (inputTokens ?? 0) + (outputTokens ?? 0)
    );
  });
  expect(wrong).toEqual([]);
});
