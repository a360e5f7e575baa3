import { expect, test } from 'vitest';
import { withInclusiveInput } from '../../../src/reading/fields/usage.js';

test('reasoning that the total shows to be counted apart is added to the output, as Gemini counts', () => {
  const usage = { inputTokens: 10, outputTokens: 5, reasoningTokens: 7, totalTokens: 22 };
  expect(withInclusiveInput(usage)).toMatchObject({ outputTokens: 12, totalTokens: 22 });
  const inclusive = { inputTokens: 10, outputTokens: 12, reasoningTokens: 7, totalTokens: 22 };
  expect(withInclusiveInput(inclusive)).toBe(inclusive);
  expect(withInclusiveInput({ inputTokens: 10, outputTokens: 12, reasoningTokens: 7 }).outputTokens).toBe(12);
});
