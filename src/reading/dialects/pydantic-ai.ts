import { ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_TOOL_NAME } from '../../semconv.js';
import { readString, toRecord, type SpanAttributes } from '../attributes.js';
import { GEN_AI_SOURCES, type ContentSources } from '../content/conversation.js';
import { decode } from '../content/decode.js';
import { readChoiceEvents, readMessageEvents } from '../content/message-events.js';
import type { ReadMessages } from '../content/messages.js';
import { readGenAiCall } from '../gen-ai-call.js';
import type { Message } from '../llm-call.js';
import { operationNameOf, roleOfOperation } from '../operation.js';
import { scopeNameOf } from '../scope-name.js';
import type { SpanEventLike, SpanLike } from '../span-like.js';
import type { Dialect, SpanRole } from './dialect.js';

/** Pydantic AI: the GenAI conventions since v2; v1 has the message events as one JSON attribute. */
export const pydanticAiDialect: Dialect = {
  name: 'pydantic_ai',
  signals: [
    'model_request_parameters',
    'agent_name',
    'model_name',
    ATTR_GEN_AI_OPERATION_NAME,
    ATTR_GEN_AI_TOOL_NAME,
  ],
  recognise: recognisePydanticAi,
  read: (view) => readGenAiCall(view, SOURCES),
};

const SOURCES: ContentSources = {
  input: [...GEN_AI_SOURCES.input, ({ attributes }) => readEvents(attributes, readMessageEvents)],
  output: [...GEN_AI_SOURCES.output, ({ attributes }) => readEvents(attributes, readChoiceEvents)],
};

function recognisePydanticAi(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const isModelSpan = attributes.model_request_parameters !== undefined;
  if (!isModelSpan && scopeNameOf(span) !== 'pydantic-ai') return undefined;
  const operation = operationNameOf(attributes);
  if (operation !== undefined) return roleOfOperation(operation);
  if (isModelSpan) return 'llm';
  return readString(attributes, 'agent_name', 'model_name', ATTR_GEN_AI_TOOL_NAME) === undefined
    ? 'other'
    : 'barrier';
}

function readEvents<M extends Message>(
  attributes: SpanAttributes,
  read: (events: readonly SpanEventLike[]) => ReadMessages<M>,
): ReadMessages<M> {
  const { value, cut } = decode(attributes.events);
  const events = (Array.isArray(value) ? value : []).flatMap((item) => {
    const name = toRecord(item)?.['event.name'];
    return typeof name === 'string'
      ? [{ name, attributes: { 'gen_ai.event.content': item as unknown } }]
      : [];
  });
  const found = read(events);
  return { messages: found.messages, cut: cut || found.cut };
}
