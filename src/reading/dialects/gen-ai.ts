import { ATTR_GEN_AI_OPERATION_NAME } from '../../common/semconv.js';
import type { SpanAttributes } from '../model/attributes.js';
import { ANY_SOURCES } from '../content/conversation.js';
import { readGenAiCall } from './gen-ai-call.js';
import { operationNameOf, roleOfOperation } from '../fields/operation.js';
import type { Dialect, SpanRole } from '../model/dialect.js';

/**
 * OpenTelemetry GenAI semantic conventions with an operation name, in all versions: messages as attributes, JSON text or
 * structured, numbered, or in events. Whatever follows them without peculiarities of its own is read here: OpenTelemetry's and
 * Elastic's OpenAI instrumentation, Azure AI Inference, Semantic Kernel, Microsoft.Extensions.AI, the AI SDK 7, Bedrock.
 */
export const genAiDialect: Dialect = {
  name: 'gen_ai',
  markerAttributes: [ATTR_GEN_AI_OPERATION_NAME],
  recognise: recogniseGenAi,
  read: (view) => readGenAiCall(view, ANY_SOURCES),
};

function recogniseGenAi(attributes: SpanAttributes): SpanRole | undefined {
  const operation = operationNameOf(attributes);
  return operation === undefined ? undefined : roleOfOperation(operation);
}
