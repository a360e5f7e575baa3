import { ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_REQUEST_MODEL } from '../../semconv.js';
import type { SpanAttributes } from '../attributes.js';
import { decodePythonLiteral } from '../content/python-literal.js';
import { toParts } from '../content/parts.js';
import { readGenAiCall } from '../gen-ai-call.js';
import type { Message } from '../llm-call.js';
import { operationNameOf, roleOfOperation } from '../operation.js';
import type { SpanLike } from '../span-like.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from './dialect.js';

/** LiteLLM: the call, and below it a span with the provider's raw request and response. */
export const liteLlmDialect: Dialect = {
  name: 'litellm',
  signals: [ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_REQUEST_MODEL],
  recognise: recogniseLiteLlm,
  read: readLiteLlm,
};

function recogniseLiteLlm(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (span.name === 'raw_gen_ai_request') return 'other';
  if (span.name !== 'litellm_request') return undefined;
  const operation = operationNameOf(attributes);
  return operation === undefined ? undefined : roleOfOperation(operation);
}

function readLiteLlm(view: SpanView): DialectReading {
  const reading = readGenAiCall(view);
  return {
    ...reading,
    inputMessages: reading.inputMessages.map(unfoldPython),
    outputMessages: reading.outputMessages.map(unfoldPython),
  };
}

/** Lists of parts are written as Python writes them, `[{'type': 'text', …}]`, and a missing text as `None`. */
function unfoldPython<M extends Message>(message: M): M {
  const [part, ...others] = message.parts;
  if (part?.type !== 'text' || others.length > 0) return message;
  if (part.text === 'None') return { ...message, parts: [] };
  const value = part.text.startsWith("[{'") ? decodePythonLiteral(part.text) : undefined;
  const parts = Array.isArray(value) ? toParts(value) : [];
  return parts.length > 0 ? { ...message, parts } : message;
}
