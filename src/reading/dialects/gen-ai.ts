import { ATTR_GEN_AI_OPERATION_NAME } from '../../common/semconv.js';
import type { SpanAttributes } from '../model/attributes.js';
import { ANY_SOURCES } from '../content/conversation.js';
import { readGenAiCall } from './gen-ai-call.js';
import { roleByOperation } from '../fields/operation.js';
import { roleOfAnyKind } from '../fields/span-kind.js';
import type { Dialect, SpanRole } from '../model/dialect.js';

/**
 * OpenTelemetry GenAI semantic conventions with an operation name, in all versions: messages as JSON or structured attributes, numbered
 * attributes, or events. Reads all libraries that follow them closely: OpenTelemetry's and Elastic's OpenAI instrumentation, Azure AI
 * Inference, Semantic Kernel, Microsoft.Extensions.AI, the AI SDK 7, Bedrock.
 */
export const genAiDialect: Dialect = {
  name: 'gen_ai',
  markerAttributes: [ATTR_GEN_AI_OPERATION_NAME],
  recognise: recogniseGenAi,
  read: (view) => readGenAiCall(view, ANY_SOURCES),
};

function recogniseGenAi(attributes: SpanAttributes): SpanRole | undefined {
  const role = roleByOperation(attributes);
  return role === 'other' ? (roleOfAnyKind(attributes) ?? role) : role;
}
