import { describe, expect, test } from 'vitest';
import { locateCalls } from '../../../src/reading/calls/deduplicate-calls.js';
import type { TokenUsage } from '../../../src/reading/model/llm-call.js';
import { loadCaptures } from '../../support/captures.js';
import { loadStrangers } from '../../support/strangers.js';

const inputs = [...loadCaptures(), ...loadStrangers()].map(({ name, spans }) => [name, spans] as const);

describe('token counts are inclusive', () => {
  test.each(inputs)('no count of a part exceeds the whole in %s', (_name, spans) => {
    const usages = locateCalls(spans).map(({ call }) => call.usage);
    expect(usages.filter((usage) => !isInclusive(usage))).toEqual([]);
  });
});

/** Counts that are not known exceed everything. */
function isInclusive(usage: TokenUsage): boolean {
  const { inputTokens, outputTokens, totalTokens } = usage;
  const { cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage;
  return (
    (inputTokens ?? Infinity) >= cacheReadTokens + cacheWriteTokens &&
    (outputTokens ?? Infinity) >= reasoningTokens &&
    (totalTokens || Infinity) >= (inputTokens ?? 0) + (outputTokens ?? 0)
  );
}
