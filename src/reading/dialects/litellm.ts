import { ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_REQUEST_MODEL } from '../../common/semconv.js';
import { readString, type SpanAttributes } from '../model/attributes.js';
import { decodePythonLiteral } from '../decoding/python-literal.js';
import { toParts } from '../content/messages/parts.js';
import { readGenAiCall } from './gen-ai-call.js';
import type { Message } from '../model/llm-call.js';
import { operationNameOf, roleOfOperation } from '../fields/operation.js';
import type { SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

const REQUEST_TYPE = 'llm.request.type';

/** LiteLLM's names for inference, synchronous and asynchronous. */
const CALL_TYPE = /^a?(?:(?:text_)?completion|responses|anthropic_messages|generate_content)(?:_stream)?$/;

/** LiteLLM: a span for the call, with a span for the provider's raw request and response below it. */
export const liteLlmDialect: Dialect = {
  name: 'litellm',
  markerAttributes: [ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_REQUEST_MODEL, REQUEST_TYPE],
  genAiSpans: { names: ['litellm_request', 'raw_gen_ai_request'] },
  recognise: recogniseLiteLlm,
  read: readLiteLlm,
};

function recogniseLiteLlm(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (span.name === 'raw_gen_ai_request') return 'other';
  if (span.name !== 'litellm_request') return undefined;
  const operation = operationNameOf(attributes);
  // Some versions write the type of the call only, others write it as the operation.
  const name = operation ?? readString(attributes, REQUEST_TYPE);
  if (name === undefined || CALL_TYPE.test(name)) return 'llm';
  return roleOfOperation(name);
}

function readLiteLlm(view: SpanView): DialectReading {
  const reading = readGenAiCall(view);
  const type = operationNameOf(view.attributes) ?? readString(view.attributes, REQUEST_TYPE) ?? '';
  // LiteLLM's `completion` is a chat.
  reading.operation = type.includes('text_completion') ? 'text_completion' : 'chat';
  reading.inputMessages = reading.inputMessages.map(decodePython);
  reading.outputMessages = reading.outputMessages.map(decodePython);
  return reading;
}

/** Decodes lists of parts in Python's notation, `[{'type': 'text', …}]`, and drops `None`, which stands for a missing text. */
function decodePython<M extends Message>(message: M): M {
  const [part, ...others] = message.parts;
  if (part?.type !== 'text') return message;
  if (part.text === 'None') return { ...message, parts: others };
  if (others.length > 0) return message;
  const value = part.text.startsWith("[{'") ? decodePythonLiteral(part.text) : undefined;
  const parts = Array.isArray(value) ? toParts(value) : [];
  return parts.length > 0 ? { ...message, parts } : message;
}
