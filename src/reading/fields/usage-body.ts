import { toRecord } from '../model/attributes.js';
import type { TokenUsage } from '../model/llm-call.js';
import { countsIn, withInclusiveInput } from './usage.js';

/** Reads inclusive token counts from the usage object of a response body of any provider or framework. */
export function toUsage(value: unknown): TokenUsage {
  const usage = toRecord(value);
  if (!usage) return {};
  return withInclusiveInput(countsIn(usage), isAnthropic(usage));
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
