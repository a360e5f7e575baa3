import {
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_GEN_AI_SYSTEM,
  ATTR_TRUBRICS_PROMPT_TEMPLATE,
} from '../semconv.js';
import { readBoolean, readNumber, readString, toStrings, type SpanAttributes } from './attributes.js';
import type { DialectReading } from './dialects/dialect.js';
import { normaliseFinishReason } from './finish-reason.js';
import type { OutputMessage } from './llm-call.js';
import { llmOperationOf } from './operation.js';
import { readParameters } from './parameters.js';
import { normaliseProvider } from './provider.js';
import { readUsage } from './usage.js';

/** Everything that the GenAI conventions, present and past, say of a call besides its content. */
export function readGenAiFields(
  attributes: SpanAttributes,
  output: readonly OutputMessage[] = [],
): DialectReading {
  const timeToFirstToken = readTimeToFirstToken(attributes);
  return {
    operation: llmOperationOf(attributes),
    provider:
      normaliseProvider(readString(attributes, ATTR_GEN_AI_PROVIDER_NAME)) ??
      normaliseProvider(readString(attributes, ATTR_GEN_AI_SYSTEM)),
    requestModel: readString(attributes, ATTR_GEN_AI_REQUEST_MODEL),
    responseModel: readString(attributes, ATTR_GEN_AI_RESPONSE_MODEL),
    responseId: readString(attributes, ATTR_GEN_AI_RESPONSE_ID),
    parameters: readParameters(attributes),
    usage: readUsage(attributes),
    finishReasons: readFinishReasons(attributes, output),
    streaming: readStreaming(attributes) ?? (timeToFirstToken === undefined ? undefined : true),
    timeToFirstToken,
    promptTemplate: readPromptTemplate(attributes),
    // Not known here, and named all the same: V8 of Node 20 takes ten microseconds to add members to a spread copy, and next to
    // nothing to overwrite them.
    systemInstructions: undefined,
    inputMessages: undefined,
    outputMessages: undefined,
    metadata: undefined,
    error: undefined,
    truncated: undefined,
    startTimeMs: undefined,
  };
}

/** The attribute where it is written, else what the messages say (the conventions moved from one to the other and back). */
export function readFinishReasons(
  attributes: SpanAttributes,
  output: readonly OutputMessage[] = [],
): readonly string[] {
  const written = toStrings(
    attributes[ATTR_GEN_AI_RESPONSE_FINISH_REASONS] ?? attributes['gen_ai.response.finish_reason'],
  );
  const reasons = written.map((reason) => normaliseFinishReason(reason));
  const known = reasons.length > 0 ? reasons : output.map((message) => message.finishReason);
  return known.filter((reason) => reason !== undefined);
}

/** Seconds. */
function readTimeToFirstToken(attributes: SpanAttributes): number | undefined {
  return readNumber(
    attributes,
    ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
    'gen_ai.client.operation.time_to_first_chunk',
  );
}

function readStreaming(attributes: SpanAttributes): boolean | undefined {
  return readBoolean(
    attributes,
    ATTR_GEN_AI_REQUEST_STREAM,
    'gen_ai.request.is_stream',
    'gen_ai.request.streaming',
    'gen_ai.response.streaming',
    'llm.is_streaming',
  );
}

/** The template itself, else the name that it is kept under. */
function readPromptTemplate(attributes: SpanAttributes): string | undefined {
  return readString(
    attributes,
    ATTR_TRUBRICS_PROMPT_TEMPLATE,
    'llm.prompt_template.template',
    'traceloop.prompt.template',
    'traceloop.prompt.key',
    'gen_ai.prompt.name',
  );
}
