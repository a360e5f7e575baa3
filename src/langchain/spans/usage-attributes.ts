import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_TOTAL_TOKENS,
  ATTR_TRUBRICS_USAGE_ESTIMATED,
} from '../../common/semconv.js';
import { asNumber, asRecord, isRecord, type UnknownRecord } from '../../common/unknown-values.js';
import type { FirstChunkUsage } from '../runs/partial-answer.js';
import { setDefined } from './span-content.js';

/** Token counts. Input includes cached tokens, output includes reasoning tokens. */
interface Usage {
  input: number | undefined;
  output: number | undefined;
  total: number | undefined;
  cacheRead: number | undefined;
  cacheCreation: number | undefined;
  reasoning: number | undefined;
  /** True if LangChain counted, not the provider. */
  estimated: boolean;
}

/** Adds the usage of a call. `messages` are its choices; providers repeat the usage of the whole call on each. */
export function addUsage(
  attributes: Attributes,
  messages: readonly unknown[],
  llmOutput: unknown,
  atStart: FirstChunkUsage | undefined,
): void {
  const total = asRecord(llmOutput);
  const metadata = asRecord(asRecord(messages[0])['response_metadata']);
  const usage = findUsage(messages, total, metadata);
  if (!usage) return;
  // The sum of all chunks is wrong for cached tokens: chunks repeat them.
  usage.cacheRead = atStart?.cacheRead ?? usage.cacheRead;
  usage.cacheCreation = atStart?.cacheCreation ?? usage.cacheCreation;
  addProviderCounts(usage, asRecord(metadata['usage'] ?? total['usage']), metadata);
  reconcile(usage, atStart?.output);
  setDefined(attributes, ATTR_GEN_AI_USAGE_INPUT_TOKENS, usage.input);
  setDefined(attributes, ATTR_GEN_AI_USAGE_OUTPUT_TOKENS, usage.output);
  setDefined(attributes, ATTR_GEN_AI_USAGE_TOTAL_TOKENS, usage.total);
  setDefined(attributes, ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, usage.cacheRead);
  setDefined(attributes, ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS, usage.cacheCreation);
  setDefined(attributes, ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, usage.reasoning);
  if (usage.estimated) attributes[ATTR_TRUBRICS_USAGE_ESTIMATED] = true;
}

/** Returns those counts of a stream's first chunk that must not be added to those of the others. */
export function readFirstChunkUsage(firstChunk: unknown): FirstChunkUsage | undefined {
  const { usage_metadata, response_metadata, additional_kwargs } = asRecord(firstChunk);
  if (!isRecord(usage_metadata)) return undefined;
  const { cache_read, cache_creation } = asRecord(usage_metadata['input_token_details']);
  // Anthropic's first chunk (`message_start`) has some output tokens, which its last chunk counts again.
  const isMessageStart =
    asRecord(response_metadata)['model_provider'] === 'anthropic' ||
    asRecord(additional_kwargs)['type'] === 'message';
  return {
    output: isMessageStart ? asNumber(usage_metadata['output_tokens']) : undefined,
    cacheRead: asNumber(cache_read),
    cacheCreation: asNumber(cache_creation),
  };
}

function findUsage(
  messages: readonly unknown[],
  llmOutput: UnknownRecord,
  metadata: UnknownRecord,
): Usage | undefined {
  for (const message of messages) {
    const usage = standardUsage(asRecord(message)['usage_metadata']);
    if (usage) return usage;
  }
  return (
    standardUsage(metadata['usage_metadata'] ?? metadata['usageMetadata']) ??
    rawUsage(llmOutput['tokenUsage']) ??
    rawUsage(llmOutput['usage']) ??
    rawUsage(metadata['usage']) ??
    rawUsage(metadata['tokenUsage']) ??
    rawUsage(llmOutput['estimatedTokenUsage'], true)
  );
}

/** Adds counts that only the provider's own usage object has. */
function addProviderCounts(usage: Usage, raw: UnknownRecord, metadata: UnknownRecord): void {
  usage.cacheRead ??= cachedTokens(raw);
  usage.reasoning ??= reasoningTokens(raw);
  if (!excludesCachedTokens(usage, raw, metadata)) return;
  usage.input = (usage.input ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheCreation ?? 0);
  usage.total = undefined;
}

/**
 * Returns true if `input` does not include cached tokens. Anthropic and Bedrock count them separately. LangChain 1.x adds them to the
 * input, but streams do so only in later versions.
 */
function excludesCachedTokens(
  { input, cacheRead = 0, cacheCreation = 0 }: Usage,
  raw: UnknownRecord,
  metadata: UnknownRecord,
): boolean {
  const cached = cacheRead + cacheCreation;
  if (input === undefined || cached === 0) return false;
  const { cache_read_input_tokens, cacheReadInputTokens, input_tokens, inputTokens } = raw;
  if (firstCount(cache_read_input_tokens, cacheReadInputTokens) === undefined) return false;
  const rawInput = firstCount(input_tokens, inputTokens);
  if (rawInput !== undefined) return rawInput === input;
  // The input cannot include more cached tokens than it has.
  return metadata['model_provider'] === undefined || cached > input;
}

function cachedTokens(raw: UnknownRecord): number | undefined {
  return asNumber(asRecord(raw['prompt_tokens_details'] ?? raw['input_tokens_details'])['cached_tokens']);
}

function reasoningTokens(raw: UnknownRecord): number | undefined {
  const details = asRecord(raw['completion_tokens_details'] ?? raw['output_tokens_details']);
  return asNumber(details['reasoning_tokens']);
}

/** Reads `usage_metadata`, LangChain's standard form. */
function standardUsage(value: unknown): Usage | undefined {
  if (!isRecord(value)) return undefined;
  const inputDetails = asRecord(value['input_token_details']);
  const input = asNumber(value['input_tokens']);
  const output = asNumber(value['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  return {
    input,
    output,
    total: asNumber(value['total_tokens']),
    cacheRead: asNumber(inputDetails['cache_read']),
    cacheCreation: asNumber(inputDetails['cache_creation']),
    reasoning: asNumber(asRecord(value['output_token_details'])['reasoning']),
    estimated: false,
  };
}

/** Reads usage in the form of a provider. */
function rawUsage(counts: unknown, estimated = false): Usage | undefined {
  if (!isRecord(counts)) return undefined;
  const { promptTokens, prompt_tokens, input_tokens, inputTokens } = counts;
  const { completionTokens, completion_tokens, output_tokens, outputTokens } = counts;
  const input = firstCount(promptTokens, prompt_tokens, input_tokens, inputTokens);
  const output = firstCount(completionTokens, completion_tokens, output_tokens, outputTokens);
  if (input === undefined && output === undefined) return undefined;
  const {
    cache_read_input_tokens,
    cacheReadInputTokens,
    cache_creation_input_tokens,
    cacheWriteInputTokens,
  } = counts;
  return {
    input,
    output,
    total: firstCount(counts['totalTokens'], counts['total_tokens']),
    cacheRead: firstCount(cache_read_input_tokens, cacheReadInputTokens) ?? cachedTokens(counts),
    cacheCreation: firstCount(cache_creation_input_tokens, cacheWriteInputTokens),
    reasoning: reasoningTokens(counts),
    estimated,
  };
}

/** Corrects counts of LangChain that do not add up. */
function reconcile(usage: Usage, outputTokensAtStart: number | undefined): void {
  if (usage.input === undefined || usage.output === undefined) return;
  if (usage.cacheRead !== undefined && usage.cacheRead > usage.input) usage.cacheRead = undefined;
  if (outputTokensAtStart !== undefined && usage.output > outputTokensAtStart) {
    usage.output -= outputTokensAtStart;
    if (usage.total !== undefined) usage.total -= outputTokensAtStart;
  }
  const sum = usage.input + usage.output;
  if (usage.total !== undefined && usage.total > sum) {
    // Google counts thoughts in the total, not in the output.
    usage.reasoning ??= usage.total - sum;
    usage.output = usage.total - usage.input;
  } else {
    // Bedrock counts cached tokens in the input, not in the total.
    usage.total = sum;
  }
}

function firstCount(...values: unknown[]): number | undefined {
  for (const value of values) if (typeof value === 'number' && Number.isFinite(value)) return value;
  return undefined;
}
