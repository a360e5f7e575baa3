import { ATTR_GEN_AI_SYSTEM_INSTRUCTIONS } from '../../semconv.js';
import { readNumber, readString, toRecord, toStrings, type SpanAttributes } from '../attributes.js';
import { readConversation } from '../content/conversation.js';
import { decode } from '../content/decode.js';
import { readInputMessages, readInstructions, toMessages } from '../content/messages.js';
import { plainText } from '../content/plain-text.js';
import { normaliseFinishReason } from '../finish-reason.js';
import { secondsUntilFirstChunkEvent } from '../first-token.js';
import { readGenAiFields } from '../gen-ai-fields.js';
import type { MessagePart, OutputMessage, RequestParameters, TokenUsage } from '../llm-call.js';
import { readMetadata } from '../metadata.js';
import { omitUndefined } from '../omit-undefined.js';
import { normaliseProvider } from '../provider.js';
import { GEN_AI_USAGE_KEYS, readUsage, withInclusiveInput, type UsageKeys } from '../usage.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from './dialect.js';

/** The inner spans, one for each call of a model. The outer ones, `ai.generateText` and so on, hold sums of them. */
const CALLS: ReadonlySet<string> = new Set([
  'ai.generateText.doGenerate',
  'ai.streamText.doStream',
  'ai.generateObject.doGenerate',
  'ai.streamObject.doStream',
]);

/**
 * Vercel AI SDK 4 to 6, and 7 with its legacy telemetry: `ai.*` attributes. Also when Traceloop, Sentry or OpenInference have
 * rewritten the span: they rename it and move content to `gen_ai.*`, but keep `ai.operationId`.
 */
export const aiSdkDialect: Dialect = {
  name: 'vercel_ai_sdk',
  signals: ['ai.operationId', 'operation.name'],
  recognise: recogniseAiSdk,
  read: readAiSdk,
};

function recogniseAiSdk(attributes: SpanAttributes): SpanRole | undefined {
  const operation = operationOf(attributes);
  if (operation === undefined) return undefined;
  if (CALLS.has(operation)) return 'llm';
  return operation === 'ai.toolCall' ? 'barrier' : 'other';
}

function operationOf(attributes: SpanAttributes): string | undefined {
  const id = attributes['ai.operationId'];
  if (typeof id === 'string' && id !== '') return id;
  const name = attributes['operation.name'];
  return typeof name === 'string' && name.startsWith('ai.') ? name.split(' ', 1)[0] : undefined;
}

function readAiSdk({ span, attributes }: SpanView): DialectReading {
  const conversation = readAiConversation({ span, attributes });
  const fields = readGenAiFields(attributes, conversation.outputMessages);
  const finishReason = normaliseFinishReason(attributes['ai.response.finishReason']);
  return {
    operation: 'chat',
    provider: fields.provider ?? normaliseProvider(readString(attributes, 'ai.model.provider')),
    requestModel: readString(attributes, 'ai.model.id') ?? fields.requestModel,
    responseModel: fields.responseModel ?? readString(attributes, 'ai.response.model'),
    responseId: fields.responseId ?? readString(attributes, 'ai.response.id'),
    systemInstructions: conversation.systemInstructions,
    inputMessages: conversation.inputMessages,
    outputMessages: conversation.outputMessages,
    parameters: Object.assign(readSettings(attributes), fields.parameters),
    usage: readAiUsage(attributes),
    finishReasons: fields.finishReasons?.length || !finishReason ? fields.finishReasons : [finishReason],
    streaming: operationOf(attributes)?.endsWith('.doStream'),
    timeToFirstToken: readTimeToFirstToken({ span, attributes }) ?? fields.timeToFirstToken,
    metadata: readMetadata(
      attributes,
      'ai.telemetry.metadata.',
      'ai.settings.context.',
      'traceloop.association.properties.',
    ),
    promptTemplate: readString(attributes, 'ai.telemetry.functionId') ?? fields.promptTemplate,
    truncated: conversation.truncated,
  };
}

function readAiConversation({ span, attributes }: SpanView) {
  const input = readInputMessages(attributes['ai.prompt.messages']);
  const answer = readAnswer(attributes);
  // What a rewriter has moved.
  const moved =
    input.messages.length === 0 || !answer
      ? readConversation({ attributes, events: span.events ?? [] })
      : undefined;
  const instructions = readInstructions(attributes[ATTR_GEN_AI_SYSTEM_INSTRUCTIONS]);
  const inputMessages = input.messages.length > 0 ? input.messages : (moved?.inputMessages ?? []);
  return {
    systemInstructions: inputMessages.some(({ role }) => role === 'system') ? [] : instructions.parts,
    inputMessages,
    outputMessages: answer ? [answer] : (moved?.outputMessages ?? []),
    truncated: input.cut || instructions.cut || (moved?.truncated ?? false),
  };
}

/** The text is what the model wrote, never JSON to be read: of an object it is the JSON that was asked for. */
function readAnswer(attributes: SpanAttributes): OutputMessage | undefined {
  const parts: MessagePart[] = [];
  const reasoning = readString(attributes, 'ai.response.reasoning');
  if (reasoning !== undefined) parts.push({ type: 'reasoning', text: reasoning });
  const text = attributes['ai.response.text'] ?? attributes['ai.response.object'];
  for (const message of plainText(text, 'assistant')) parts.push(...message.parts);
  const calls = attributes['ai.response.toolCalls'];
  if (calls !== undefined) {
    const answer = { role: 'assistant', tool_calls: decode(calls).value };
    for (const message of toMessages([answer], 'assistant')) parts.push(...message.parts);
  }
  return parts.length > 0 ? { role: 'assistant', parts } : undefined;
}

function readSettings(attributes: SpanAttributes): RequestParameters {
  const stopSequences = toStrings(attributes['ai.settings.stopSequences']);
  return omitUndefined({
    temperature: readNumber(attributes, 'ai.settings.temperature'),
    topP: readNumber(attributes, 'ai.settings.topP'),
    topK: readNumber(attributes, 'ai.settings.topK'),
    maxTokens: readNumber(attributes, 'ai.settings.maxOutputTokens', 'ai.settings.maxTokens'),
    frequencyPenalty: readNumber(attributes, 'ai.settings.frequencyPenalty'),
    presencePenalty: readNumber(attributes, 'ai.settings.presencePenalty'),
    seed: readNumber(attributes, 'ai.settings.seed'),
    stopSequences: stopSequences.length > 0 ? stopSequences : undefined,
  });
}

/** The names of the GenAI conventions first: version 4 writes NaN under its own for what it does not know. */
const USAGE_KEYS: UsageKeys = {
  inputTokens: [...GEN_AI_USAGE_KEYS.inputTokens, 'ai.usage.inputTokens', 'ai.usage.promptTokens'],
  outputTokens: [...GEN_AI_USAGE_KEYS.outputTokens, 'ai.usage.outputTokens', 'ai.usage.completionTokens'],
  totalTokens: [...GEN_AI_USAGE_KEYS.totalTokens, 'ai.usage.totalTokens', 'ai.usage.tokens'],
  cacheReadTokens: [
    ...GEN_AI_USAGE_KEYS.cacheReadTokens,
    'ai.usage.cachedInputTokens',
    'ai.usage.inputTokenDetails.cacheReadTokens',
  ],
  cacheWriteTokens: [...GEN_AI_USAGE_KEYS.cacheWriteTokens, 'ai.usage.inputTokenDetails.cacheWriteTokens'],
  reasoningTokens: [
    ...GEN_AI_USAGE_KEYS.reasoningTokens,
    'ai.usage.reasoningTokens',
    'ai.usage.outputTokenDetails.reasoningTokens',
  ],
};

function readAiUsage(attributes: SpanAttributes): TokenUsage {
  const metadata = readProviderMetadata(attributes['ai.response.providerMetadata']);
  const usage: TokenUsage = Object.assign(
    omitUndefined({
      cacheReadTokens: readNumber(metadata, 'cachedPromptTokens', 'cacheReadInputTokens'),
      cacheWriteTokens: readNumber(metadata, 'cacheCreationInputTokens'),
      reasoningTokens: readNumber(metadata, 'reasoningTokens'),
    }),
    readUsage(attributes, USAGE_KEYS),
  );
  const isInclusive = usage.inputTokens !== readNumber(attributes, ...USAGE_KEYS.inputTokens);
  return isInclusive ? usage : withInclusiveInput(usage, countsNet(attributes));
}

/** Up to version 5 the input tokens of Anthropic are those that were not cached. */
function countsNet(attributes: SpanAttributes): boolean {
  const provider = readString(attributes, 'ai.model.provider', 'gen_ai.system');
  return (
    provider?.toLowerCase().includes('anthropic') === true &&
    attributes['ai.usage.inputTokenDetails.noCacheTokens'] === undefined
  );
}

/** What the provider added to the answer, whoever it was: `{"openai": {"cachedPromptTokens": 16}}`. */
function readProviderMetadata(value: unknown): SpanAttributes {
  // Parsed only where it counts tokens: it may hold much else.
  if (typeof value === 'string' && !/Tokens"/.test(value)) return {};
  const providers = Object.values(toRecord(decode(value).value) ?? {});
  return Object.assign({}, ...providers.map((provider) => toRecord(provider) ?? {})) as SpanAttributes;
}

function readTimeToFirstToken({ span, attributes }: SpanView): number | undefined {
  const ms = readNumber(attributes, 'ai.response.msToFirstChunk', 'ai.stream.msToFirstChunk');
  return ms === undefined ? secondsUntilFirstChunkEvent(span) : ms / 1e3;
}
