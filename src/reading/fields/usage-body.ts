import { readNumber, toRecord } from '../model/attributes.js';
import type { TokenUsage } from '../model/llm-call.js';
import { omitUndefined } from './omit-undefined.js';
import { withInclusiveInput } from './usage.js';

/** Reads inclusive token counts from the usage object of a response body of any provider or framework. */
export function toUsage(value: unknown): TokenUsage {
  const usage = toRecord(value);
  if (!usage) return {};
  const input =
    toRecord(usage.prompt_tokens_details ?? usage.input_tokens_details ?? usage.input_token_details) ?? {};
  const output =
    toRecord(usage.completion_tokens_details ?? usage.output_tokens_details ?? usage.output_token_details) ??
    {};
  return withInclusiveInput(
    omitUndefined({
      inputTokens: readNumber(
        usage,
        'input_tokens',
        'prompt_tokens',
        'inputTokens',
        'promptTokens',
        'promptTokenCount',
        'prompt_token_count',
      ),
      outputTokens: readNumber(
        usage,
        'output_tokens',
        'completion_tokens',
        'outputTokens',
        'completionTokens',
        'candidatesTokenCount',
        'candidates_token_count',
      ),
      totalTokens: readNumber(
        usage,
        'total_tokens',
        'totalTokens',
        'totalTokenCount',
        'total_token_count',
        'tokens',
      ),
      cacheReadTokens:
        readNumber(input, 'cached_tokens', 'cache_read') ??
        readNumber(
          usage,
          'cache_read_input_tokens',
          'prompt_cached_tokens',
          'cachedInputTokens',
          'cacheReadInputTokens',
          'cachedContentTokens',
          'cachedContentTokenCount',
          'cached_content_token_count',
        ),
      cacheWriteTokens:
        readNumber(input, 'cache_creation') ??
        readNumber(
          usage,
          'cache_creation_input_tokens',
          'cacheWriteInputTokens',
          'cacheCreationInputTokens',
          'prompt_cache_creation_tokens',
        ),
      reasoningTokens:
        readNumber(output, 'reasoning_tokens', 'reasoning') ??
        readNumber(usage, 'completion_reasoning_tokens', 'reasoningTokens', 'reasoning_tokens') ??
        readNumber(usage, 'thoughtsTokenCount', 'thoughts_token_count', 'thoughtsTokens'),
    }),
    isAnthropic(usage),
  );
}

/** Returns whether this is a body of Anthropic's API. Its input tokens do not contain those read from or written to the cache. */
function isAnthropic(usage: Readonly<Record<string, unknown>>): boolean {
  return (
    usage.input_tokens !== undefined &&
    usage.total_tokens === undefined &&
    usage.input_token_details === undefined &&
    usage.input_tokens_details === undefined &&
    usage.prompt_tokens_details === undefined
  );
}
