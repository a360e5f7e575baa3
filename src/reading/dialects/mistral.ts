import { ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_RESPONSE_ID } from '../../common/semconv.js';
import { readString, type SpanAttributes } from '../model/attributes.js';
import { operationNameOf, roleByOperation } from '../fields/operation.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import { readGenAiCall } from './gen-ai-call.js';
import type { GenAiReading } from '../fields/gen-ai-fields.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/**
 * The Mistral SDK's own spans: the GenAI conventions. An agent runs on the server, so `invoke_agent` is a request of the application like
 * `chat`. For a conversation it has the question and the counts, and a `chat` span below it the answer: both are read as one call.
 */
export const mistralDialect: Dialect = {
  name: 'mistral',
  markerAttributes: [ATTR_GEN_AI_OPERATION_NAME],
  genAiSpans: { scopes: ['mistralai_sdk_tracer'] },
  recognise: recogniseMistral,
  read: readMistral,
};

function recogniseMistral(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (scopeNameOf(span) !== 'mistralai_sdk_tracer') return undefined;
  return operationNameOf(attributes) === 'invoke_agent' ? 'llm' : roleByOperation(attributes);
}

function readMistral(view: SpanView): DialectReading {
  const reading = readGenAiCall(view);
  if (hasFailed(reading, view.attributes)) reading.error = { type: '_OTHER' };
  return reading;
}

/** Returns whether the call failed. The span of a failed call lacks a status and everything that comes with a response. */
function hasFailed({ outputMessages, usage }: GenAiReading, attributes: SpanAttributes): boolean {
  return (
    outputMessages.length === 0 &&
    usage.inputTokens === undefined &&
    readString(attributes, ATTR_GEN_AI_RESPONSE_ID) === undefined &&
    attributes['http.response.status_code'] !== 200
  );
}
