import { ATTR_GEN_AI_SYSTEM_INSTRUCTIONS } from '../../common/semconv.js';
import {
  toUnknown,
  readString,
  toNumber,
  toRecord,
  toText,
  type SpanAttributes,
} from '../model/attributes.js';
import { readConversation } from '../content/conversation.js';
import { decode } from '../decoding/decode.js';
import { readInputMessages, readInstructions, toMessages } from '../content/messages/messages.js';
import { plainText } from '../content/messages/plain-text.js';
import { field, fieldTable, readFields } from '../fields/fields.js';
import { normaliseFinishReason } from '../fields/finish-reason.js';
import { secondsUntilFirstChunkEvent } from '../fields/first-token.js';
import { GEN_AI_GROUPS, toGenAiReading, type GenAiGroups } from '../fields/gen-ai-fields.js';
import type { MessagePart, OutputMessage, RequestParameters, TokenUsage } from '../model/llm-call.js';
import { metadataReader } from '../fields/metadata.js';
import { toStopSequences } from '../fields/parameters.js';
import { normaliseProvider } from '../fields/provider.js';
import { countsIn, readCounts, withInclusiveInput } from '../fields/usage.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** Operations of the inner spans, one for each model call. The outer spans hold sums of them. */
const CALLS: ReadonlySet<string> = new Set([
  'ai.generateText.doGenerate',
  'ai.streamText.doStream',
  'ai.generateObject.doGenerate',
  'ai.streamObject.doStream',
]);

/** Operations of the outer spans. One without an inner span below it is of a trace that was filtered. */
const OUTER_CALLS: ReadonlySet<string> = new Set([
  'ai.generateText',
  'ai.streamText',
  'ai.generateObject',
  'ai.streamObject',
]);

/**
 * Vercel AI SDK 4 to 6, and 7 with legacy telemetry: `ai.*` attributes. Also spans that Traceloop, Sentry or OpenInference have
 * rewritten: they rename the span and move content to `gen_ai.*`, but keep `ai.operationId`.
 */
export const aiSdkDialect: Dialect = {
  name: 'vercel_ai_sdk',
  markerAttributes: ['ai.operationId', 'operation.name'],
  recognise: recogniseAiSdk,
  read: readAiSdk,
};

function recogniseAiSdk(attributes: SpanAttributes): SpanRole | undefined {
  const operation = operationOf(attributes);
  if (operation === undefined) return undefined;
  if (CALLS.has(operation)) return 'llm';
  if (operation === 'ai.toolCall') return 'callBoundary';
  return OUTER_CALLS.has(operation) ? 'unclear' : 'other';
}

function operationOf(attributes: SpanAttributes): string | undefined {
  const id = attributes['ai.operationId'];
  if (typeof id === 'string' && id !== '') return id;
  const name = attributes['operation.name'];
  return typeof name === 'string' && name.startsWith('ai.') ? name.split(' ', 1)[0] : undefined;
}

/** Fields under the AI SDK's own names. */
interface AiFields {
  readonly provider: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly responseId: string;
  readonly finishReason: string;
  readonly msToFirstChunk: number;
  readonly functionId: string;
  readonly reasoning: string;
  readonly answer: unknown;
  readonly toolCalls: unknown;
  readonly providerMetadata: unknown;
}

interface AiGroups extends GenAiGroups {
  readonly own: AiFields;
  readonly settings: RequestParameters;
}

const TABLE = fieldTable<AiGroups>({
  ...GEN_AI_GROUPS,
  own: {
    provider: field(toText, 'ai.model.provider'),
    requestModel: field(toText, 'ai.model.id'),
    responseModel: field(toText, 'ai.response.model'),
    responseId: field(toText, 'ai.response.id'),
    finishReason: field(normaliseFinishReason, 'ai.response.finishReason'),
    msToFirstChunk: field(toNumber, 'ai.response.msToFirstChunk', 'ai.stream.msToFirstChunk'),
    functionId: field(toText, 'ai.telemetry.functionId'),
    reasoning: field(toText, 'ai.response.reasoning'),
    answer: field((value) => toUnknown(value) || undefined, 'ai.response.text', 'ai.response.object'),
    toolCalls: field(toUnknown, 'ai.response.toolCalls'),
    providerMetadata: field(toUnknown, 'ai.response.providerMetadata'),
  },
  settings: {
    temperature: field(toNumber, 'ai.settings.temperature'),
    topP: field(toNumber, 'ai.settings.topP'),
    topK: field(toNumber, 'ai.settings.topK'),
    maxTokens: field(toNumber, 'ai.settings.maxOutputTokens', 'ai.settings.maxTokens'),
    frequencyPenalty: field(toNumber, 'ai.settings.frequencyPenalty'),
    presencePenalty: field(toNumber, 'ai.settings.presencePenalty'),
    seed: field(toNumber, 'ai.settings.seed'),
    choiceCount: field(toNumber),
    stopSequences: field(toStopSequences, 'ai.settings.stopSequences'),
    responseFormat: field(toText),
    toolChoice: field(toText),
  },
});

const readMetadata = metadataReader(
  'ai.telemetry.metadata.',
  'ai.settings.context.',
  'traceloop.association.properties.',
);

function readAiSdk(view: SpanView): DialectReading {
  const { span, attributes } = view;
  const found = readFields(view, TABLE, { fields: {}, parameters: {}, own: {}, settings: {} });
  const { own } = found;
  const { msToFirstChunk, finishReason } = own;
  const conversation = readAiConversation(view, own);
  const fields = toGenAiReading(found, view, conversation.outputMessages);
  const timeToFirstToken =
    msToFirstChunk === undefined ? secondsUntilFirstChunkEvent(span) : msToFirstChunk / 1e3;
  return {
    operation: 'chat',
    provider: fields.provider ?? normaliseProvider(own.provider),
    requestModel: own.requestModel ?? fields.requestModel,
    responseModel: fields.responseModel ?? own.responseModel,
    responseId: fields.responseId ?? own.responseId,
    systemInstructions: conversation.systemInstructions,
    inputMessages: conversation.inputMessages,
    outputMessages: conversation.outputMessages,
    parameters: Object.assign(found.settings, fields.parameters),
    usage: toAiUsage(readCounts(view), own, attributes),
    finishReasons: fields.finishReasons?.length || !finishReason ? fields.finishReasons : [finishReason],
    streaming: operationOf(attributes)?.endsWith('.doStream'),
    timeToFirstToken: timeToFirstToken ?? fields.timeToFirstToken,
    metadata: readMetadata(view),
    promptTemplate: own.functionId ?? fields.promptTemplate,
    truncated: conversation.truncated,
    inputTruncated: conversation.inputTruncated,
  };
}

function readAiConversation(view: SpanView, own: Partial<AiFields>) {
  const { span, attributes } = view;
  const input = readInputMessages(attributes['ai.prompt.messages']);
  const calls = decode(own.toolCalls);
  const answer = toAnswer(own, calls.value);
  // Content that a rewriter has moved to `gen_ai.*`.
  const moved = input.messages.length === 0 || !answer ? readConversation(view, span.events) : undefined;
  const instructions = readInstructions(attributes[ATTR_GEN_AI_SYSTEM_INSTRUCTIONS]);
  const inputMessages = input.messages.length > 0 ? input.messages : (moved?.inputMessages ?? []);
  return {
    systemInstructions: inputMessages.some(({ role }) => role === 'system') ? [] : instructions.parts,
    inputMessages,
    outputMessages: answer ? [answer] : (moved?.outputMessages ?? []),
    truncated: input.cut || instructions.cut || calls.cut || (moved?.truncated ?? false),
    inputTruncated: input.messages.length > 0 ? input.cut : input.cut || (moved?.inputTruncated ?? false),
  };
}

/** Returns the answer as one message. The text is never decoded: for `generateObject` it is the JSON that was asked for. */
function toAnswer({ reasoning, answer }: Partial<AiFields>, toolCalls: unknown): OutputMessage | undefined {
  const parts: MessagePart[] = [];
  if (reasoning !== undefined) parts.push({ type: 'reasoning', text: reasoning });
  for (const message of plainText(answer, 'assistant')) parts.push(...message.parts);
  if (toolCalls !== undefined) {
    const message = { role: 'assistant', tool_calls: toolCalls };
    for (const read of toMessages([message], 'assistant')) parts.push(...read.parts);
  }
  return parts.length > 0 ? { role: 'assistant', parts } : undefined;
}

function toAiUsage(counts: TokenUsage, own: Partial<AiFields>, attributes: SpanAttributes): TokenUsage {
  const metadata = readProviderMetadata(own.providerMetadata);
  const usage: TokenUsage = metadata ? Object.assign(countsIn(metadata), counts) : counts;
  const hasCached = usage.cacheReadTokens !== undefined || usage.cacheWriteTokens !== undefined;
  return hasCached ? withInclusiveInput(usage, excludesCachedTokens(own, attributes)) : usage;
}

/** Returns whether input tokens exclude cached ones: for Anthropic and Bedrock up to version 5. */
function excludesCachedTokens(own: Partial<AiFields>, attributes: SpanAttributes): boolean {
  const provider = own.provider ?? readString(attributes, 'gen_ai.system');
  return (
    provider !== undefined &&
    /anthropic|bedrock/i.test(provider) &&
    attributes['ai.usage.inputTokenDetails.noCacheTokens'] === undefined
  );
}

/** Returns the providers' metadata as one object, if it has token counts: `{"openai": {"cachedPromptTokens": 16}}`. */
function readProviderMetadata(value: unknown): SpanAttributes | undefined {
  // It may hold much else, so it is parsed only if it has token counts.
  if (value === undefined || (typeof value === 'string' && !value.includes('oken'))) return undefined;
  const providers = Object.values(toRecord(decode(value).value) ?? {});
  return Object.assign({}, ...providers.map((provider) => toRecord(provider) ?? {})) as SpanAttributes;
}
