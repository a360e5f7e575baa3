import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_TOTAL_TOKENS,
  ATTR_TRUBRICS_COST,
  ATTR_TRUBRICS_USAGE_ESTIMATED,
} from '../../common/semconv.js';
import { asNumber, asRecord, isRecord, type UnknownRecord } from '../../common/unknown-values.js';
import type { PartialAnswer } from '../runs/partial-answer.js';
import type { StreamUsage } from '../runs/stream-usage.js';
import { setDefined } from '../runs/span-content.js';

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
  partial: PartialAnswer,
): void {
  const total = asRecord(llmOutput);
  const metadata = asRecord(asRecord(messages[0])['response_metadata']);
  const usage = findUsage(messages, total, metadata);
  if (!usage) return;
  // The sum of all chunks is wrong for cached tokens: chunks repeat them. Zero: LangChain's own, for a chunk without the count.
  usage.cacheRead = partial.usage?.cacheRead || usage.cacheRead;
  usage.cacheCreation = partial.usage?.cacheCreation || usage.cacheCreation;
  // The package of Groq leaves the details out of its own usage of a stream.
  const raw = asRecord(asRecord(metadata['x_groq'])['usage'] ?? metadata['usage'] ?? total['usage']);
  addProviderCounts(usage, raw, metadata);
  reconcile(usage, partial);
  setDefined(attributes, ATTR_GEN_AI_USAGE_INPUT_TOKENS, usage.input);
  setDefined(attributes, ATTR_GEN_AI_USAGE_OUTPUT_TOKENS, usage.output);
  setDefined(attributes, ATTR_GEN_AI_USAGE_TOTAL_TOKENS, usage.total);
  setDefined(attributes, ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, usage.cacheRead);
  setDefined(attributes, ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS, usage.cacheCreation);
  setDefined(attributes, ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, usage.reasoning);
  // OpenRouter says what it charges.
  setDefined(attributes, ATTR_TRUBRICS_COST, asNumber(raw['cost']));
  if (usage.estimated) attributes[ATTR_TRUBRICS_USAGE_ESTIMATED] = true;
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

/** Corrects counts of LangChain that do not add up. A count that cannot be corrected is omitted, never estimated. */
function reconcile(usage: Usage, { usage: stream, chunkCount }: PartialAnswer): void {
  if (usage.input === undefined || usage.output === undefined) return;
  if (stream?.countedTwice !== undefined && usage.output > stream.countedTwice) {
    usage.output -= stream.countedTwice;
    if (usage.total !== undefined) usage.total -= stream.countedTwice;
  }
  usage.total = reconcileTotal(usage, usage.input + usage.output, stream);
  const excess = usage.total - usage.input - usage.output;
  // Google and xAI count reasoning apart. Any other excess is unknown, such as the results of Google's own tools, which are input.
  if (usage.reasoning !== undefined && excess === usage.reasoning) usage.output += usage.reasoning;
  else if (usage.reasoning !== undefined && usage.reasoning > usage.output) usage.reasoning = undefined;
  reconcileCached(usage, usage.input, chunkCount);
}

/** Returns the total of the provider, if it is larger than the sum of input and output. */
function reconcileTotal({ total }: Usage, sum: number, stream: StreamUsage | undefined): number {
  // Bedrock counts cached tokens in the input, not in the total.
  if (total === undefined || total <= sum) return sum;
  // LangChain adds up the totals of xAI's chunks, each of which counts the whole answer.
  if (stream?.total === undefined || !stream.totalsAreCumulative || stream.total < sum) return total;
  return Math.min(stream.total, total);
}

function reconcileCached(usage: Usage, input: number, chunkCount: number): void {
  if (usage.cacheRead !== undefined && usage.cacheRead > input)
    usage.cacheRead = repeatedCount(usage.cacheRead, input, chunkCount);
  if ((usage.cacheRead ?? 0) + (usage.cacheCreation ?? 0) <= input) return;
  usage.cacheRead = undefined;
  usage.cacheCreation = undefined;
}

/**
 * Returns the count that several chunks of a stream repeat, from its sum: the largest that the input can include. Undefined if there is
 * none. Needed for Google's GenAI SDK, whose package reports tokens without their chunk.
 */
function repeatedCount(sum: number, input: number, chunkCount: number): number | undefined {
  for (let repetitions = Math.ceil(sum / Math.max(1, input)); repetitions <= chunkCount; repetitions += 1)
    if (sum % repetitions === 0) return sum / repetitions;
  return undefined;
}

function firstCount(...values: unknown[]): number | undefined {
  for (const value of values) if (typeof value === 'number' && Number.isFinite(value)) return value;
  return undefined;
}
