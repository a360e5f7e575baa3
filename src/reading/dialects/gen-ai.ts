import {
  ATTR_GEN_AI_INPUT_MESSAGES,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_OUTPUT_MESSAGES,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_GEN_AI_SYSTEM,
  ATTR_GEN_AI_SYSTEM_INSTRUCTIONS,
  ATTR_TRUBRICS_METADATA,
  ATTR_TRUBRICS_PROMPT_TEMPLATE,
  OPERATION_CHAT,
  OPERATION_GENERATE_CONTENT,
  OPERATION_TEXT_COMPLETION,
} from '../../semconv.js';
import {
  readBoolean,
  readNumber,
  readString,
  toRecord,
  toStrings,
  type SpanAttributes,
} from '../attributes.js';
import { decode } from '../content/decode.js';
import { readInputMessages, readInstructions, readOutputMessages } from '../content/messages.js';
import { normaliseFinishReason } from '../finish-reason.js';
import type { LlmOperation, OutputMessage } from '../llm-call.js';
import { omitUndefined } from '../omit-undefined.js';
import { readParameters } from '../parameters.js';
import { normaliseProvider } from '../provider.js';
import { readUsage } from '../usage.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from './dialect.js';

const OPERATIONS: Readonly<Record<string, LlmOperation>> = {
  chat: OPERATION_CHAT,
  text_completion: OPERATION_TEXT_COMPLETION,
  completion: OPERATION_TEXT_COMPLETION,
  generate_content: OPERATION_GENERATE_CONTENT,
  generate: OPERATION_GENERATE_CONTENT,
  response: OPERATION_CHAT,
  responses: OPERATION_CHAT,
};

/** A call below one of these is a call of its own. */
const BARRIERS = new Set(['execute_tool', 'invoke_agent', 'create_agent', 'invoke_workflow', 'plan']);

/** OpenTelemetry GenAI semantic conventions since v1.37: messages as attributes, JSON text or structured. */
export const genAiDialect: Dialect = {
  name: 'gen_ai',
  recognise: recogniseGenAi,
  read: readGenAi,
};

function recogniseGenAi(attributes: SpanAttributes): SpanRole | undefined {
  const operation = attributes[ATTR_GEN_AI_OPERATION_NAME];
  if (typeof operation !== 'string' || operation === '') return undefined;
  if (Object.hasOwn(OPERATIONS, operation)) return 'llm';
  return BARRIERS.has(operation) ? 'barrier' : 'other';
}

function readGenAi({ attributes }: SpanView): DialectReading {
  const instructions = readInstructions(attributes[ATTR_GEN_AI_SYSTEM_INSTRUCTIONS]);
  const input = readInputMessages(attributes[ATTR_GEN_AI_INPUT_MESSAGES]);
  const output = readOutputMessages(attributes[ATTR_GEN_AI_OUTPUT_MESSAGES]);
  const timeToFirstToken = readNumber(attributes, ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);
  return omitUndefined({
    operation: OPERATIONS[String(attributes[ATTR_GEN_AI_OPERATION_NAME])] ?? OPERATION_CHAT,
    provider: normaliseProvider(readString(attributes, ATTR_GEN_AI_PROVIDER_NAME, ATTR_GEN_AI_SYSTEM)),
    requestModel: readString(attributes, ATTR_GEN_AI_REQUEST_MODEL),
    responseModel: readString(attributes, ATTR_GEN_AI_RESPONSE_MODEL),
    responseId: readString(attributes, ATTR_GEN_AI_RESPONSE_ID),
    systemInstructions: instructions.parts,
    inputMessages: input.messages,
    outputMessages: output.messages,
    parameters: readParameters(attributes),
    usage: readUsage(attributes),
    finishReasons: readFinishReasons(attributes, output.messages),
    streaming:
      readBoolean(attributes, ATTR_GEN_AI_REQUEST_STREAM) ??
      (timeToFirstToken === undefined ? undefined : true),
    timeToFirstToken,
    metadata: toRecord(decode(attributes[ATTR_TRUBRICS_METADATA]).value),
    promptTemplate: readString(attributes, ATTR_TRUBRICS_PROMPT_TEMPLATE),
    truncated: instructions.cut || input.cut || output.cut,
  });
}

/** The attribute where it is written, else what the messages say (the conventions moved from one to the other and back). */
function readFinishReasons(attributes: SpanAttributes, output: readonly OutputMessage[]): readonly string[] {
  const reasons = toStrings(attributes[ATTR_GEN_AI_RESPONSE_FINISH_REASONS]).map((reason) =>
    normaliseFinishReason(reason),
  );
  const known = reasons.length > 0 ? reasons : output.map((message) => message.finishReason);
  return known.filter((reason) => reason !== undefined);
}
