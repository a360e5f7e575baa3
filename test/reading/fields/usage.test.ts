import { expect, test } from 'vitest';
import { withInclusiveInput } from '../../../src/reading/fields/usage.js';
import type { TokenUsage } from '../../../src/reading/model/llm-call.js';
import { readAttributes, readOutput } from '../../support/read-call.js';
import { makeChatSpan } from '../../support/span.js';

test('reasoning that the total shows to be counted apart is added to the output, as Gemini counts', () => {
  const usage = { inputTokens: 10, outputTokens: 5, reasoningTokens: 7, totalTokens: 22 };
  expect(withInclusiveInput(usage)).toMatchObject({ outputTokens: 12, totalTokens: 22 });
  const inclusive = { inputTokens: 10, outputTokens: 12, reasoningTokens: 7, totalTokens: 22 };
  expect(withInclusiveInput(inclusive)).toBe(inclusive);
  expect(withInclusiveInput({ inputTokens: 10, outputTokens: 12, reasoningTokens: 7 }).outputTokens).toBe(12);
});

/** Names of libraries for each count, without the beginning that is theirs. */
const SPELLINGS: Readonly<Record<keyof TokenUsage, readonly string[]>> = {
  inputTokens: ['input_tokens', 'prompt_tokens'],
  outputTokens: ['output_tokens', 'completion_tokens'],
  totalTokens: ['total_tokens', 'total'],
  cacheReadTokens: [
    'cache_read.input_tokens',
    'cache_read_input_tokens',
    'cache_read_tokens',
    'cached_tokens',
    'cached_input_tokens',
    'input_cached_tokens',
    'input_tokens.cached',
    'cached_content_tokens',
    'prompt_cache_hit_tokens',
    'details.cache_read_tokens',
    // OpenLIT, and bodies that were flattened.
    'prompt_tokens_details.cache_read',
    'prompt_tokens_details.cached_tokens',
    'input_tokens_details.cached_tokens',
    'input_token_details.cache_read',
  ],
  cacheWriteTokens: [
    'cache_creation.input_tokens',
    'cache_creation_input_tokens',
    'cache_creation_tokens',
    'cache_write_tokens',
    'cache_write.input_tokens',
    'prompt_tokens_details.cache_write',
  ],
  reasoningTokens: [
    'reasoning.output_tokens',
    'reasoning_tokens',
    'output_tokens.reasoning',
    // Ax, AG2, JetBrains Tracy.
    'thoughts_tokens',
    'thinking_tokens',
    'thoughts_token_count',
    'details.thinking_tokens',
    'completion_tokens_details.reasoning',
    'completion_tokens_details.reasoning_tokens',
    'output_tokens_details.reasoning_tokens',
  ],
};
const NAMES = Object.entries(SPELLINGS).flatMap(([count, names]) =>
  names.flatMap((name) => ['gen_ai.usage.', 'llm.usage.'].map((start) => [start + name, count] as const)),
);
const WHOLE = { 'gen_ai.usage.input_tokens': 50, 'gen_ai.usage.output_tokens': 40 };

test.each(NAMES)('%s is the member %s', (name, count) => {
  const { attributes } = makeChatSpan({ attributes: {} });
  const others = /^(?:input|output)/.test(count) ? {} : WHOLE;
  for (const value of [12, '12', 12n]) {
    expect(readAttributes({ ...attributes, ...others, [name]: value }).usage).toMatchObject({ [count]: 12 });
  }
});

test.each([
  'gen_ai.usage.details.input_tokens',
  'gen_ai.usage.input_audio_tokens',
  'gen_ai.usage.details.cache_audio_read_tokens',
  'gen_ai.usage.prompt_cache_miss_tokens',
  'gen_ai.usage.cache_creation.ephemeral_5m_input_tokens',
  'gen_ai.usage.cache_read_cost',
  'gen_ai.usage.cache_hit_ratio',
  'gen_ai.usage.input_cost',
  'gen_ai.response.reasoning',
])('%s is no count of tokens', (name) => {
  const { attributes } = makeChatSpan({ attributes: WHOLE });
  expect(readAttributes({ ...attributes, [name]: 12 }).usage).toEqual(readAttributes(attributes).usage);
});

test('a count that is written twice is the one that is not 0, and never a number below 0', () => {
  const { attributes } = makeChatSpan({ attributes: {} });
  const zeroFirst = { 'gen_ai.usage.input_tokens': 0, 'gen_ai.usage.prompt_tokens': 10 };
  const zeroLast = { 'gen_ai.usage.prompt_tokens': 10, 'gen_ai.usage.input_tokens': 0 };
  for (const counts of [zeroFirst, zeroLast])
    expect(readAttributes({ ...attributes, ...counts }).usage.inputTokens).toBe(10);
  const negative = { 'gen_ai.usage.input_tokens': -1, 'gen_ai.usage.output_tokens': Number.NaN };
  expect(readAttributes({ ...attributes, ...negative }).usage).toEqual({});
});

test.each<[string, Record<string, unknown>, TokenUsage]>([
  [
    'DeepSeek',
    { prompt_tokens: 30, completion_tokens: 4, prompt_cache_hit_tokens: 20, prompt_cache_miss_tokens: 10 },
    { inputTokens: 30, outputTokens: 4, cacheReadTokens: 20 },
  ],
  [
    'the AI SDK, version 3 of its models',
    {
      inputTokens: { total: 30, noCache: 18, cacheRead: 8, cacheWrite: 4 },
      outputTokens: { total: 9, text: 2, reasoning: 7 },
    },
    { inputTokens: 30, outputTokens: 9, cacheReadTokens: 8, cacheWriteTokens: 4, reasoningTokens: 7 },
  ],
  [
    'Gemini',
    {
      promptTokenCount: 30,
      candidatesTokenCount: 4,
      thoughtsTokenCount: 6,
      totalTokenCount: 40,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 30 }],
      toolUsePromptTokenCount: 3,
    },
    { inputTokens: 30, outputTokens: 10, totalTokens: 40, reasoningTokens: 6 },
  ],
  [
    "Anthropic's parts of the cache",
    {
      input_tokens: 10,
      output_tokens: 4,
      cache_creation_input_tokens: 5,
      cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 0 },
    },
    { inputTokens: 15, outputTokens: 4, cacheWriteTokens: 5 },
  ],
  [
    'a proxy that writes both spellings',
    { prompt_tokens: 30, completion_tokens: 4, total_tokens: 34, input_tokens: 0, output_tokens: 0 },
    { inputTokens: 30, outputTokens: 4, totalTokens: 34 },
  ],
])('the usage object of %s is read', (_name, usage, counts) => {
  expect(readOutput({ role: 'assistant', content: 'A', usage }).usage).toEqual(counts);
});

test("a provider's usage object in Langfuse's details is read with its own details", () => {
  const details = {
    prompt_tokens: 30,
    completion_tokens: 4,
    total_tokens: 34,
    prompt_tokens_details: { cached_tokens: 20 },
  };
  const { usage } = readAttributes({
    'langfuse.observation.type': 'generation',
    'langfuse.observation.input': 'Q',
    'langfuse.observation.output': 'A',
    'langfuse.observation.usage_details': JSON.stringify(details),
  });
  expect(usage).toEqual({ inputTokens: 30, outputTokens: 4, totalTokens: 34, cacheReadTokens: 20 });
});
