import { readNumber, readString, toRecord, toNumber, type SpanAttributes } from '../model/attributes.js';
import { decode } from '../decoding/decode.js';
import { splitJoinedCalls } from '../content/joined-calls.js';
import { readOwnConversation } from '../content/own-conversation.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { normaliseFinishReason } from '../fields/finish-reason.js';
import { secondsUntil } from '../fields/first-token.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import { toUsage } from '../fields/usage-body.js';
import type { LlmCall, OutputMessage, TokenUsage } from '../model/llm-call.js';
import { metadataReader } from '../fields/metadata.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { toParameters } from '../fields/parameters.js';
import { normaliseProvider } from '../fields/provider.js';
import { roleByKind } from '../fields/span-kind.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';
import type { SpanLike } from '../model/span-like.js';

const TYPE = 'langfuse.observation.type';
const readMetadata = metadataReader('langfuse.observation.metadata.', 'langfuse.trace.metadata.');

// Written out, because V8 must intern a concatenated name before each look-up (test/bench/reading.mjs).
const METADATA_INSTRUCTIONS = 'langfuse.observation.metadata.instructions';
const METADATA_PROVIDER = 'langfuse.observation.metadata.ls_provider';
const METADATA_MODEL_NAME = 'langfuse.observation.metadata.ls_model_name';
const METADATA_STATUS = 'langfuse.observation.metadata.status';

/** Langfuse SDK: its OpenAI wrapper, its LangChain handler, and observations made by hand. */
export const langfuseDialect: Dialect = {
  name: 'langfuse',
  markerAttributes: [TYPE],
  // An observation of type `embedding` has a model too, but is no call.
  recognise: recogniseLangfuse,
  read: readLangfuse,
};

const roleOfType = roleByKind(TYPE, { generation: 'llm', tool: 'callBoundary', agent: 'agent' });

function recogniseLangfuse(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const role = roleOfType(attributes);
  return role === 'other' && attributes[TYPE] === 'span' && isMarkedGeneration(attributes, span)
    ? 'llm'
    : role;
}

/** Attributes that only generations have. */
const GENERATION_KEYS = [
  'langfuse.observation.model.name',
  'langfuse.observation.usage_details',
  'langfuse.observation.completion_start_time',
  'langfuse.observation.model.parameters',
] as const;

/** Returns whether the Python SDK up to 3.3 marked a generation as a span: https://github.com/langfuse/langfuse/issues/8682 */
function isMarkedGeneration(attributes: SpanAttributes, span: SpanLike): boolean {
  const { name, version = '0' } = span.instrumentationScope ?? {};
  if (name !== 'langfuse-sdk' || !/^(?:[0-2]\b|3\.[0-3]\b)/.test(version)) return false;
  return GENERATION_KEYS.some((key) => attributes[key] !== undefined);
}

function readLangfuse(view: SpanView): DialectReading {
  const { span, attributes } = view;
  const request = readRequest(attributes['langfuse.observation.input']);
  const response = readResponse(attributes['langfuse.observation.output']);
  const conversation = readOwnConversation(view, request, response);
  const outputMessages = splitJoinedCalls(conversation.outputMessages);
  const fields = readGenAiFields(view, outputMessages);
  const instructions = readRequest(attributes[METADATA_INSTRUCTIONS]);
  const parameters = toRecord(decode(attributes['langfuse.observation.model.parameters']).value);
  // Only the OpenAI wrapper writes a response format, also an undefined one.
  const wrapsOpenAi = parameters !== undefined && 'response_format' in parameters;
  const completionStart = attributes['langfuse.observation.completion_start_time'];
  const error = readLevelError(attributes);
  const finishReasons = readFinishReasons(attributes, outputMessages);
  const models = readModels(attributes, wrapsOpenAi, error !== undefined);
  return {
    operation: fields.operation,
    provider: fields.provider ?? normaliseProvider(readString(attributes, METADATA_PROVIDER)),
    requestModel: models.requestModel ?? fields.requestModel,
    responseModel: models.responseModel ?? fields.responseModel,
    responseId: fields.responseId,
    systemInstructions: [
      ...conversation.systemInstructions,
      ...instructions.messages.flatMap((message) => message.parts),
    ],
    inputMessages: conversation.inputMessages,
    outputMessages,
    parameters: Object.assign(fields.parameters, toParameters(parameters)),
    usage: Object.assign(
      fields.usage,
      readUsageDetails(toRecord(decode(attributes['langfuse.observation.usage_details']).value)),
    ),
    finishReasons: fields.finishReasons?.length ? fields.finishReasons : finishReasons,
    // Only streams have a completion start time.
    streaming: completionStart === undefined ? fields.streaming : true,
    timeToFirstToken: secondsUntil(span, completionStart) ?? fields.timeToFirstToken,
    metadata: readOwnMetadata(view, wrapsOpenAi),
    promptTemplate: readString(attributes, 'langfuse.observation.prompt.name') ?? fields.promptTemplate,
    error,
    truncated: conversation.truncated,
    inputTruncated: conversation.inputTruncated,
  };
}

/**
 * Reads requested and answering model from Langfuse's single attribute. The OpenAI wrapper writes the requested model and overwrites it
 * with the answering one, but not on chat streams. The LangChain handler writes the answering model, and the requested one as metadata.
 */
function readModels(
  attributes: SpanAttributes,
  wrapsOpenAi: boolean,
  failed: boolean,
): Pick<DialectReading, 'requestModel' | 'responseModel'> {
  const model = readString(attributes, 'langfuse.observation.model.name');
  const requested = readString(attributes, METADATA_MODEL_NAME);
  if (requested !== undefined) return { requestModel: requested, responseModel: model };
  if (!wrapsOpenAi || failed) return { requestModel: model, responseModel: model };
  const isChatStream =
    attributes['langfuse.observation.completion_start_time'] !== undefined &&
    attributes[METADATA_STATUS] === undefined;
  return isChatStream ? { requestModel: model } : { responseModel: model };
}

/** Members of a response body that the OpenAI wrapper adds to the user's metadata. They are left out of it. */
const RESPONSE_FIELDS: ReadonlySet<string> = new Set([
  'reasoning',
  'incomplete_details',
  'instructions',
  'previous_response_id',
  'tools',
  'metadata',
  'status',
  'error',
  'response_format',
]);

function readOwnMetadata(view: SpanView, wrapsOpenAi: boolean): DialectReading['metadata'] {
  const metadata = readMetadata(view);
  if (!wrapsOpenAi) return metadata;
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !RESPONSE_FIELDS.has(name)));
}

/** Reads inclusive counts. Langfuse's `input` and `output` do not contain cached and reasoning tokens. */
function readUsageDetails(details: SpanAttributes | undefined): TokenUsage {
  if (!details) return {};
  // Passed on as a provider's body has it.
  if (Object.values(details).some((value) => toRecord(value))) return toUsage(details);
  const total = readNumber(details, 'total', 'total_tokens', 'totalTokens');
  const input = readNumber(details, 'input', 'prompt_tokens', 'promptTokens', 'input_tokens', 'inputTokens');
  const output = readNumber(
    details,
    'output',
    'completion_tokens',
    'completionTokens',
    'output_tokens',
    'outputTokens',
  );
  const inputDetails = sumOf(details, /^(?:input_(?!tokens$)|cache_(?:read|creation)_input_tokens$)/);
  const outputDetails = sumOf(details, /^output_(?!tokens$)/);
  // Observations made by hand may have inclusive counts already, which the total shows.
  const isInclusive = (inclusive: number | undefined, other: number) =>
    inclusive !== undefined && total === inclusive + other;
  const isOutputInclusive =
    isInclusive(output, (input ?? 0) + inputDetails) || isInclusive(output, input ?? 0);
  const outputTokens = output === undefined || isOutputInclusive ? output : output + outputDetails;
  const isInputInclusive = isInclusive(input, outputTokens ?? 0);
  return omitUndefined({
    inputTokens: input === undefined || isInputInclusive ? input : input + inputDetails,
    outputTokens,
    totalTokens: total,
    cacheReadTokens: firstMatching(details, /cache.?read|cached/i),
    cacheWriteTokens: firstMatching(details, /cache.?(?:creation|write)/i),
    reasoningTokens: firstMatching(details, /reasoning/i),
  });
}

function sumOf(details: SpanAttributes, names: RegExp): number {
  return Object.keys(details).reduce(
    (sum, name) => sum + (names.test(name) ? (toNumber(details[name]) ?? 0) : 0),
    0,
  );
}

function firstMatching(details: SpanAttributes, names: RegExp): number | undefined {
  const name = Object.keys(details).find((key) => names.test(key));
  return name === undefined ? undefined : toNumber(details[name]);
}

/** Derives finish reasons, which Langfuse does not write: from the messages, the Responses API's status, or tool calls. */
function readFinishReasons(attributes: SpanAttributes, output: readonly OutputMessage[]): readonly string[] {
  const written = output.flatMap((message) => message.finishReason ?? []);
  if (written.length > 0) return written;
  const status = normaliseFinishReason(attributes[METADATA_STATUS]);
  if (status !== undefined) return [status];
  return output[0]?.parts.some((part) => part.type === 'tool_call') ? ['tool_call'] : [];
}

/** Reads a failure from Langfuse's level. The status of the span stays unset. */
function readLevelError(attributes: SpanAttributes): LlmCall['error'] {
  const level = attributes['langfuse.observation.level'];
  if (typeof level !== 'string' || level.toUpperCase() !== 'ERROR') return undefined;
  const message = readString(attributes, 'langfuse.observation.status_message');
  const type = /^(\w+(?:Error|Exception))\b/.exec(message ?? '')?.[1] ?? '_OTHER';
  return { type, ...(message !== undefined && { message }) };
}
