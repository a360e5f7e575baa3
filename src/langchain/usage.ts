import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_TOTAL_TOKENS,
  ATTR_TRUBRICS_USAGE_ESTIMATED,
} from '../semconv.js';
import { asNumber, asRecord, isRecord, type UnknownRecord } from './read.js';
import { setKnown } from './set-known.js';

/** Token counts, inclusive: input with cached tokens, output with reasoning tokens. */
interface Usage {
  input: number | undefined;
  output: number | undefined;
  total: number | undefined;
  cacheRead: number | undefined;
  cacheCreation: number | undefined;
  reasoning: number | undefined;
  /** Counted by LangChain, not by the provider. */
  estimated: boolean;
}

/** Adds what the call used. `messages` are the choices of one call: providers repeat the usage of all on each. */
export function addUsage(
  attributes: Attributes,
  messages: readonly unknown[],
  llmOutput: unknown,
  outputTokensAtStart: number | undefined,
): void {
  const usage = findUsage(messages, asRecord(llmOutput));
  if (!usage) return;
  correct(usage, outputTokensAtStart);
  setKnown(attributes, ATTR_GEN_AI_USAGE_INPUT_TOKENS, usage.input);
  setKnown(attributes, ATTR_GEN_AI_USAGE_OUTPUT_TOKENS, usage.output);
  setKnown(attributes, ATTR_GEN_AI_USAGE_TOTAL_TOKENS, usage.total);
  setKnown(attributes, ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, usage.cacheRead);
  setKnown(attributes, ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS, usage.cacheCreation);
  setKnown(attributes, ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, usage.reasoning);
  if (usage.estimated) attributes[ATTR_TRUBRICS_USAGE_ESTIMATED] = true;
}

function findUsage(messages: readonly unknown[], llmOutput: UnknownRecord): Usage | undefined {
  for (const message of messages) {
    const usage = standardUsage(asRecord(message)['usage_metadata']);
    if (usage) return usage;
  }
  const metadata = asRecord(asRecord(messages[0])['response_metadata']);
  return (
    rawUsage(llmOutput['tokenUsage']) ??
    rawUsage(llmOutput['usage']) ??
    rawUsage(metadata['usage']) ??
    rawUsage(metadata['tokenUsage']) ??
    rawUsage(llmOutput['estimatedTokenUsage'], true)
  );
}

/** LangChain's own form, the only one that all providers share. */
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
  const details = asRecord(counts['completion_tokens_details'] ?? counts['output_tokens_details']);
  return {
    input,
    output,
    total: firstCount(counts['totalTokens'], counts['total_tokens']),
    cacheRead: firstCount(cache_read_input_tokens, cacheReadInputTokens),
    cacheCreation: firstCount(cache_creation_input_tokens, cacheWriteInputTokens),
    reasoning: asNumber(details['reasoning_tokens']),
    estimated,
  };
}

/** Where LangChain's numbers do not add up. */
function correct(usage: Usage, outputTokensAtStart: number | undefined): void {
  if (usage.input === undefined || usage.output === undefined) return;
  if (outputTokensAtStart !== undefined && usage.output > outputTokensAtStart) {
    usage.output -= outputTokensAtStart;
    if (usage.total !== undefined) usage.total -= outputTokensAtStart;
  }
  const sum = usage.input + usage.output;
  if (usage.total !== undefined && usage.total > sum) {
    // Google: thoughts are in the total, not in the output.
    usage.reasoning ??= usage.total - sum;
    usage.output = usage.total - usage.input;
  } else {
    // Bedrock: cached tokens are in the input, not in the total.
    usage.total = sum;
  }
}

function firstCount(...values: unknown[]): number | undefined {
  for (const value of values) if (typeof value === 'number' && Number.isFinite(value)) return value;
  return undefined;
}
