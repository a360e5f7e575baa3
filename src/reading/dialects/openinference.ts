import { ATTR_GEN_AI_INPUT_MESSAGES, ATTR_GEN_AI_OUTPUT_MESSAGES } from '../../common/semconv.js';
import { toUnknown, readString, toRecord, toText, type SpanAttributes } from '../model/attributes.js';
import {
  otherFormsOf,
  readConversation,
  type ContentHolder,
  type ContentSources,
} from '../content/conversation.js';
import { isCut } from '../content/cut-messages.js';
import { decode } from '../decoding/decode.js';
import { readFlattenedMessages } from '../content/attributes/flattened-messages.js';
import { splitJoinedCalls } from '../content/joined-calls.js';
import {
  readInputMessages,
  readOutputMessages,
  toMessages,
  type ReadMessages,
} from '../content/messages/messages.js';
import { plainText } from '../content/messages/plain-text.js';
import { readCompletion } from '../content/prompt-and-completion.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { field, fieldTable, readFields } from '../fields/fields.js';
import { normaliseFinishReason } from '../fields/finish-reason.js';
import { secondsUntilFirstChunkEvent } from '../fields/first-token.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import type { Message, MessagePart, OutputMessage, TokenUsage } from '../model/llm-call.js';
import { metadataReader, ownMetadata } from '../fields/metadata.js';
import { toParameters } from '../fields/parameters.js';
import { normaliseProvider } from '../fields/provider.js';
import { readCounts, withInclusiveInput } from '../fields/usage.js';
import { roleByKind } from '../fields/span-kind.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import { readOpenInferenceBody } from './openinference-body.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** OpenInference (Arize Phoenix): its instrumentations of OpenAI, Anthropic and LangChain, and spans that its processors rewrote. */
export const openInferenceDialect: Dialect = {
  name: 'openinference',
  markerAttributes: ['openinference.span.kind'],
  recognise: recogniseOpenInference,
  read: readOpenInference,
};

const readMetadata = metadataReader('metadata.');

const roleOfKind = roleByKind('openinference.span.kind', {
  llm: 'llm',
  tool: 'callBoundary',
  agent: 'agent',
});

/** The Claude Agent SDK makes its calls in a process of its own: its agent span, with question, answer and counts, is all there is. */
const CLAUDE_AGENT = /claude[-_]agent[-_]sdk$/;

function recogniseOpenInference(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const role = roleOfKind(attributes);
  return role === 'agent' && CLAUDE_AGENT.test(scopeNameOf(span)) ? 'llm' : role;
}

/** Fields under OpenInference's own names. */
interface OpenInferenceFields {
  readonly model: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly provider: string;
  readonly finishReason: string;
  readonly promptTemplate: string;
  readonly completionPrompt: unknown;
  readonly invocationParameters: unknown;
  readonly metadata: unknown;
}

const TABLE = fieldTable<{ fields: OpenInferenceFields }>({
  fields: {
    model: field(toText, 'llm.model_name'),
    requestModel: field(toText, 'gen_ai.request.model', 'llm.request.model_name'),
    responseModel: field(toText, 'gen_ai.response.model', 'llm.response.model_name'),
    provider: field(toText, 'llm.provider', 'llm.system'),
    finishReason: field(normaliseFinishReason, 'llm.finish_reason'),
    promptTemplate: field(toText, 'llm.prompt_template.template', 'llm.prompt_template.version'),
    completionPrompt: field(toUnknown, 'llm.prompts.0.prompt.text'),
    invocationParameters: field(toUnknown, 'llm.invocation_parameters'),
    metadata: field(toUnknown, 'metadata'),
  },
});

function readOpenInference(view: SpanView): DialectReading {
  const { span, attributes } = view;
  const { fields: own } = readFields(view, TABLE, { fields: {} });
  const parameters = toRecord(decode(own.invocationParameters).value) ?? {};
  const conversation = readConversation(view, [], SOURCES, span.droppedAttributesCount);
  const { inputMessages } = conversation;
  const scope = scopeNameOf(span);
  const body = readOpenInferenceBody(scope, attributes);
  const flattened = joinAnswerItems(conversation.outputMessages, span.name, attributes);
  const outputMessages = body && lacksCallIds(flattened) && body.output.length > 0 ? body.output : flattened;
  const fields = readGenAiFields(view, outputMessages);
  const timeToFirstToken = fields.timeToFirstToken ?? secondsUntilFirstChunkEvent(span);
  const isRequestOnly = span.status?.code === 2 || attributes['output.mime_type'] === 'text/plain';
  const models = toModels(own, parameters, isRequestOnly);
  return {
    operation: own.completionPrompt === undefined ? fields.operation : 'text_completion',
    provider: fields.provider ?? normaliseProvider(own.provider),
    requestModel: models.requestModel,
    responseModel: own.responseModel ?? body?.responseModel ?? models.responseModel,
    responseId: fields.responseId ?? body?.responseId,
    systemInstructions: readSystem(
      conversation.systemInstructions,
      inputMessages,
      parameters.system ?? parameters.instructions,
      attributes['input.value'],
    ),
    inputMessages,
    outputMessages,
    parameters: Object.assign(toParameters(parameters), fields.parameters),
    // The instrumentation of Bedrock passes on counts that do not contain cached tokens.
    usage: body
      ? {
          ...body.usage,
          ...withInclusiveInput({ ...cachedOf(body.usage), ...readCounts(view) }, scope.includes('bedrock')),
        }
      : fields.usage,
    finishReasons: readFinishReasons(attributes, own.finishReason, fields.finishReasons ?? []),
    streaming: fields.streaming ?? (timeToFirstToken === undefined ? undefined : true),
    timeToFirstToken,
    metadata: Object.assign({}, readMetadata(view), ownMetadata(toRecord(decode(own.metadata).value) ?? {})),
    promptTemplate: own.promptTemplate ?? fields.promptTemplate,
    truncated: conversation.truncated || isCut(attributes, inputMessages, outputMessages),
    inputTruncated: conversation.inputTruncated,
  };
}

/** The GenAI messages come first: AI SDK 7 writes both conventions. The flattened messages are complete if that JSON was cut. */
const SOURCES: ContentSources = {
  input: [
    ({ attributes }) => readInputMessages(attributes[ATTR_GEN_AI_INPUT_MESSAGES]),
    readFlattenedInput,
    ...otherFormsOf('llm.input_messages', 'user'),
    ({ attributes }) => readIndexedTexts(attributes, 'llm.prompts', 'prompt.text', 'user'),
    (holder) => readValue(holder, 'input.value', 'input.mime_type', readRequest, 'user'),
    ({ attributes }) => readRequest(attributes['gen_ai.prompt']),
  ],
  output: [
    ({ attributes }) => readOutputMessages(attributes[ATTR_GEN_AI_OUTPUT_MESSAGES]),
    readFlattenedOutput,
    ...otherFormsOf('llm.output_messages', 'assistant'),
    ({ attributes }) => readIndexedTexts(attributes, 'llm.choices', 'completion.text', 'assistant'),
    (holder) => readValue(holder, 'output.value', 'output.mime_type', readResponse, 'assistant'),
    ({ attributes }) => readCompletion(attributes['gen_ai.completion']),
  ],
};

/**
 * Reads flattened input messages, or `input.value` if that has more. LangChain messages of several parts are flattened without content,
 * and a limit on the number of attributes drops the last messages.
 */
function readFlattenedInput(holder: ContentHolder): ReadMessages {
  const messages = readFlattenedMessages(holder, 'llm.input_messages', 'user');
  const hasEmptyMessage = messages.some(
    ({ role, parts }) => (role === 'user' || role === 'system') && parts.length === 0,
  );
  const isLossy = hasEmptyMessage || holder.dropped > 0;
  const whole = isLossy
    ? readValue(holder, 'input.value', 'input.mime_type', readRequest, 'user')
    : undefined;
  const hasMore = whole && whole.messages.length > (hasEmptyMessage ? 0 : messages.length);
  return hasMore ? whole : { messages, cut: false, isFlattened: true };
}

/** Reads flattened output messages. Tool calls of LangChain are not flattened: then the result is empty and `output.value` is read. */
function readFlattenedOutput(holder: ContentHolder): ReadMessages<OutputMessage> {
  const messages = readFlattenedMessages(holder, 'llm.output_messages', 'assistant');
  return {
    messages: messages.some(({ parts }) => parts.length > 0) ? messages : [],
    cut: false,
    isFlattened: true,
  };
}

/** Reads the prompts or answers of a completion model, each under an index. */
function readIndexedTexts(
  attributes: SpanAttributes,
  prefix: string,
  suffix: string,
  role: string,
): ReadMessages<OutputMessage> {
  const messages: OutputMessage[] = [];
  for (let index = 0; ; index += 1) {
    const text = attributes[`${prefix}.${index}.${suffix}`];
    if (text === undefined) return { messages, cut: false };
    messages.push(...plainText(text, role));
  }
}

/** Reads plain text or JSON, depending on the attribute with the MIME type. */
function readValue<M extends Message>(
  { attributes }: ContentHolder,
  key: string,
  typeKey: string,
  read: (value: unknown) => ReadMessages<M>,
  role: string,
): ReadMessages<M | OutputMessage> {
  const value = attributes[key];
  if (attributes[typeKey] === 'text/plain') return { messages: plainText(value, role), cut: false };
  return value === undefined ? { messages: [], cut: false } : read(value);
}

/** Joins the items of a Responses API answer, which are flattened like choices, and splits joined tool calls of a stream. */
function joinAnswerItems(
  messages: readonly OutputMessage[],
  spanName: string,
  attributes: SpanAttributes,
): readonly OutputMessage[] {
  const [first, ...others] = messages;
  if (!first) return messages;
  const isOne = others.length > 0 && isResponsesApi(spanName, attributes);
  return splitJoinedCalls(
    isOne ? [{ ...first, parts: messages.flatMap((message) => message.parts) }] : messages,
  );
}

function isResponsesApi(spanName: string, attributes: SpanAttributes): boolean {
  const value = attributes['output.value'];
  return (
    spanName.includes('Responses') ||
    (typeof value === 'string' && /"object":\s*"response"/.test(value.slice(0, 300)))
  );
}

/** Returns the system prompt: a message, a request parameter (Anthropic, Responses API), or a member of the request body alone (Bedrock). */
function readSystem(
  written: readonly MessagePart[],
  messages: readonly Message[],
  parameter: unknown,
  body: unknown,
): readonly MessagePart[] {
  if (written.length > 0 || messages.some(({ role }) => role === 'system')) return written;
  const parts = toMessages(parameter, 'system').flatMap((message) => message.parts);
  return parts.length > 0 || !hasSystem(body) ? parts : readRequest(body).systemInstructions;
}

/** Returns whether a request body has a member with the system prompt. Bodies can be large: others are not parsed. */
function hasSystem(body: unknown): boolean {
  return typeof body === 'string' && /"(?:system|instructions|system_?[iI]nstruction)"\s*:/.test(body);
}

/** Returns whether tool calls were flattened without their ids, as LangChain's are. */
function lacksCallIds(messages: readonly OutputMessage[]): boolean {
  return messages.some(({ parts }) =>
    parts.some((part) => part.type === 'tool_call' && part.id === undefined),
  );
}

function cachedOf({ cacheReadTokens, cacheWriteTokens }: TokenUsage): TokenUsage {
  return {
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
  };
}

/**
 * Returns requested and answering model. `llm.model_name` is the requested model until the response overwrites it, which does not happen
 * on a chat stream, whose output is plain text, nor for a failed call.
 */
function toModels(
  own: Partial<OpenInferenceFields>,
  parameters: SpanAttributes,
  isRequestOnly: boolean,
): Pick<DialectReading, 'requestModel' | 'responseModel'> {
  const requestModel =
    own.requestModel ?? readString(parameters, 'model', 'model_name', 'modelName') ?? own.model;
  const isRequested = own.model === requestModel && isRequestOnly;
  return { requestModel, responseModel: own.responseModel ?? (isRequested ? undefined : own.model) };
}

function readFinishReasons(
  attributes: SpanAttributes,
  reason: string | undefined,
  written: readonly string[],
): readonly string[] {
  if (reason !== undefined) return [reason];
  // The status of a Responses API answer is only in its body.
  if (written.length > 0 || !isResponsesApi('', attributes)) return written;
  const value = attributes['output.value'];
  const status =
    typeof value === 'string' ? /"status":\s*"(\w+)"/.exec(value.slice(0, 1_000))?.[1] : undefined;
  const normalised = normaliseFinishReason(status);
  return normalised === undefined ? [] : [normalised];
}
