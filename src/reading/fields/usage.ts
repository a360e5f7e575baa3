import {
  ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_TOTAL_TOKENS,
} from '../../common/semconv.js';
import { toNumber, type NamedAttributes } from '../model/attributes.js';
import { field, fieldTable, readFields, type FieldsOf } from './fields.js';
import type { TokenUsage } from '../model/llm-call.js';

/** Attribute names of each count, the present name first. */
export type UsageKeys = Readonly<Record<keyof TokenUsage, readonly string[]>>;

/** Names of the GenAI conventions, of their older versions, and of libraries that extend them. */
export const GEN_AI_USAGE_KEYS: UsageKeys = {
  inputTokens: [
    ATTR_GEN_AI_USAGE_INPUT_TOKENS,
    'gen_ai.usage.prompt_tokens',
    'gen_ai.response.prompt_tokens',
    'llm.usage.prompt_tokens',
  ],
  outputTokens: [
    ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
    'gen_ai.usage.completion_tokens',
    'gen_ai.response.completion_tokens',
    'llm.usage.completion_tokens',
  ],
  totalTokens: [ATTR_GEN_AI_USAGE_TOTAL_TOKENS, 'llm.usage.total_tokens'],
  cacheReadTokens: [
    ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.details.cache_read_tokens',
    'gen_ai.usage.input_tokens.cached',
    // Mastra 0.x and LangWatch's Go SDK; LiveKit.
    'gen_ai.usage.cached_input_tokens',
    'gen_ai.usage.input_cached_tokens',
  ],
  cacheWriteTokens: [
    ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
    ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    'gen_ai.usage.cache_creation_input_tokens',
    'gen_ai.usage.cache_write_input_tokens',
    'gen_ai.usage.details.cache_write_tokens',
  ],
  reasoningTokens: [
    ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    'gen_ai.usage.reasoning_tokens',
    'gen_ai.usage.details.reasoning_tokens',
    'gen_ai.usage.output_tokens.reasoning',
  ],
};

/** Names of OpenInference. They also occur on spans without OpenInference's marker attribute. */
export const OPENINFERENCE_USAGE_KEYS: UsageKeys = {
  inputTokens: ['llm.token_count.prompt'],
  outputTokens: ['llm.token_count.completion'],
  totalTokens: ['llm.token_count.total'],
  cacheReadTokens: ['llm.token_count.prompt_details.cache_read'],
  cacheWriteTokens: ['llm.token_count.prompt_details.cache_write'],
  reasoningTokens: ['llm.token_count.completion_details.reasoning'],
};

/** Makes the fields for these names. The counts are not yet inclusive: see {@link withInclusiveInput}. */
export function usageFields(keys: UsageKeys): FieldsOf<TokenUsage> {
  return mapCounts(keys, (names) => field(toCount, ...names));
}

/** Adds a library's own names to those of the GenAI conventions, which go first. */
export function withGenAiUsageKeys(keys: UsageKeys): UsageKeys {
  return mapCounts(keys, (names, count) => [...GEN_AI_USAGE_KEYS[count], ...names]);
}

function mapCounts<T>(
  keys: UsageKeys,
  map: (names: readonly string[], count: keyof TokenUsage) => T,
): Readonly<Record<keyof TokenUsage, T>> {
  const counts = Object.keys(keys) as (keyof TokenUsage)[];
  return Object.fromEntries(counts.map((count) => [count, map(keys[count], count)])) as Record<
    keyof TokenUsage,
    T
  >;
}

/**
 * Makes a function that reads the inclusive token counts of a span. Pass `exclusive` for a library whose input tokens never contain
 * cached tokens.
 */
export function usageReader(keys: UsageKeys, exclusive = false): (view: NamedAttributes) => TokenUsage {
  const table = fieldTable<{ usage: TokenUsage }>({ usage: usageFields(keys) });
  return (view) => withInclusiveInput(readFields(view, table, { usage: {} }).usage, exclusive);
}

/** Reads counts of the GenAI conventions from a library whose input tokens never contain cached tokens. */
export const readExclusiveUsage = usageReader(GEN_AI_USAGE_KEYS, true);

/**
 * Adds cached tokens to the input tokens if these do not contain them. Anthropic's and Bedrock's own counts do not. Passed-on counts
 * are recognised by more cached tokens than input tokens, or by a total that is the sum of all. Adds reasoning tokens to the output tokens if the
 * total shows that they are counted separately, as Gemini does.
 */
export function withInclusiveInput(given: TokenUsage, exclusive = false): TokenUsage {
  const usage = withThoughts(given);
  const { inputTokens, outputTokens = 0, totalTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  const cached = cacheReadTokens + cacheWriteTokens;
  if (inputTokens === undefined || cached === 0) return usage;
  const inclusive = inputTokens + cached;
  if (!exclusive && cached <= inputTokens && totalTokens !== inclusive + outputTokens) return usage;
  const sum = totalTokens === inputTokens + outputTokens ? { totalTokens: totalTokens + cached } : {};
  return { ...usage, inputTokens: inclusive, ...sum };
}

function withThoughts(usage: TokenUsage): TokenUsage {
  const { inputTokens = 0, outputTokens, totalTokens, reasoningTokens = 0 } = usage;
  if (outputTokens === undefined || reasoningTokens === 0) return usage;
  const areSeparate = totalTokens === inputTokens + outputTokens + reasoningTokens;
  return areSeparate ? { ...usage, outputTokens: outputTokens + reasoningTokens } : usage;
}

function toCount(value: unknown): number | undefined {
  const count = toNumber(value);
  return count !== undefined && count >= 0 ? count : undefined;
}
