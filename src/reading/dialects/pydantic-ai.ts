import { ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_TOOL_NAME } from '../../common/semconv.js';
import { readString, type SpanAttributes } from '../model/attributes.js';
import { GEN_AI_SOURCES, type ContentSources } from '../content/conversation.js';
import { readJsonInput, readJsonOutput } from '../content/events/json-events.js';
import { readGenAiCall } from './gen-ai-call.js';
import { operationNameOf, roleOfOperation } from '../fields/operation.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import type { Message } from '../model/llm-call.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** Pydantic AI: the GenAI conventions since v2; v1 writes the message events as one JSON attribute. */
export const pydanticAiDialect: Dialect = {
  name: 'pydantic_ai',
  markerAttributes: [
    'model_request_parameters',
    'agent_name',
    'model_name',
    ATTR_GEN_AI_OPERATION_NAME,
    ATTR_GEN_AI_TOOL_NAME,
  ],
  genAiSpans: { scopes: ['pydantic-ai'] },
  recognise: recognisePydanticAi,
  read: readPydanticAi,
  hasSpanForEveryCall: true,
};

function readPydanticAi(view: SpanView): DialectReading {
  const reading = readGenAiCall(view, SOURCES);
  return { ...reading, inputMessages: reading.inputMessages.map(withoutFeedback) };
}

/** Message that asks the model to correct its answer. */
const FEEDBACK = /^Validation feedback:\n[\s\S]*\n\nFix the errors and try again\.$/;

/** Returns a message with the role `tool` if it is the library's own request for a correction, which has the role of a user. */
function withoutFeedback(message: Message): Message {
  const texts = message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const isOwn =
    message.role === 'user' &&
    texts.length > 0 &&
    texts.length === message.parts.length &&
    texts.every((text) => FEEDBACK.test(text));
  return isOwn ? { role: 'tool', parts: texts.map((result) => ({ type: 'tool_result', result })) } : message;
}

const SOURCES: ContentSources = {
  input: [...GEN_AI_SOURCES.input, ({ attributes }) => readJsonInput(attributes)],
  output: [...GEN_AI_SOURCES.output, ({ attributes }) => readJsonOutput(attributes)],
};

function recognisePydanticAi(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const isModelSpan = attributes.model_request_parameters !== undefined;
  if (!isModelSpan && scopeNameOf(span) !== 'pydantic-ai') return undefined;
  const operation = operationNameOf(attributes);
  if (operation !== undefined) return roleOfOperation(operation);
  if (isModelSpan) return 'llm';
  if (readString(attributes, ATTR_GEN_AI_TOOL_NAME) !== undefined) return 'callBoundary';
  return readString(attributes, 'agent_name', 'model_name') === undefined ? 'other' : 'agent';
}
