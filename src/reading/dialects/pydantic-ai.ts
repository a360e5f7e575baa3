import { ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_TOOL_NAME } from '../../common/semconv.js';
import { readString, type SpanAttributes } from '../model/attributes.js';
import { GEN_AI_SOURCES, type ContentSources } from '../content/conversation.js';
import { readJsonInput, readJsonOutput } from '../content/events/json-events.js';
import { readGenAiCall } from './gen-ai-call.js';
import { roleByOperation } from '../fields/operation.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import type { Dialect, SpanRole } from '../model/dialect.js';

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
  read: (view) => readGenAiCall(view, SOURCES),
  hasSpanForEveryCall: true,
};

const SOURCES: ContentSources = {
  input: [...GEN_AI_SOURCES.input, ({ attributes }) => readJsonInput(attributes)],
  output: [...GEN_AI_SOURCES.output, ({ attributes }) => readJsonOutput(attributes)],
};

function recognisePydanticAi(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const isModelSpan = attributes.model_request_parameters !== undefined;
  if (!isModelSpan && scopeNameOf(span) !== 'pydantic-ai') return undefined;
  const role = roleByOperation(attributes);
  if (role !== undefined) return role;
  if (isModelSpan) return 'llm';
  if (readString(attributes, ATTR_GEN_AI_TOOL_NAME) !== undefined) return 'callBoundary';
  return readString(attributes, 'agent_name', 'model_name') === undefined ? 'other' : 'agent';
}
