import { ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_REQUEST_MODEL } from '../../common/semconv.js';
import { readString, type SpanAttributes } from '../model/attributes.js';
import { decodePythonLiteral } from '../decoding/python-literal.js';
import { toParts } from '../content/parts.js';
import { readGenAiCall } from './gen-ai-call.js';
import type { Message } from '../model/llm-call.js';
import { operationNameOf, roleOfOperation } from '../fields/operation.js';
import type { SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

const REQUEST_TYPE = 'llm.request.type';

/** LiteLLM's own names for the calls that are inference, synchronous and not. */
const CALL_TYPE = /^a?(?:(?:text_)?completion|responses|anthropic_messages|generate_content)(?:_stream)?$/;

/** LiteLLM: the call, and below it a span with the provider's raw request and response. */
export const liteLlmDialect: Dialect = {
  name: 'litellm',
  markerAttributes: [ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_REQUEST_MODEL, REQUEST_TYPE],
  recognise: recogniseLiteLlm,
  read: readLiteLlm,
};

function recogniseLiteLlm(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (span.name === 'raw_gen_ai_request') return 'other';
  if (span.name !== 'litellm_request') return undefined;
  const operation = operationNameOf(attributes);
  // Versions without an operation write it nowhere but in the type of the call; some write that as the operation.
  const name = operation ?? readString(attributes, REQUEST_TYPE);
  if (name === undefined || CALL_TYPE.test(name)) return 'llm';
  return roleOfOperation(name);
}

function readLiteLlm(view: SpanView): DialectReading {
  const reading = readGenAiCall(view);
  const type = operationNameOf(view.attributes) ?? readString(view.attributes, REQUEST_TYPE) ?? '';
  return {
    ...reading,
    // What LiteLLM calls a completion is a chat.
    operation: type.includes('text_completion') ? 'text_completion' : 'chat',
    inputMessages: reading.inputMessages.map(unfoldPython),
    outputMessages: reading.outputMessages.map(unfoldPython),
  };
}

/** Lists of parts are written as Python writes them, `[{'type': 'text', …}]`, and a missing text as `None`. */
function unfoldPython<M extends Message>(message: M): M {
  const [part, ...others] = message.parts;
  if (part?.type !== 'text') return message;
  if (part.text === 'None') return { ...message, parts: others };
  if (others.length > 0) return message;
  const value = part.text.startsWith("[{'") ? decodePythonLiteral(part.text) : undefined;
  const parts = Array.isArray(value) ? toParts(value) : [];
  return parts.length > 0 ? { ...message, parts } : message;
}
