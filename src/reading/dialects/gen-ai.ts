import { ATTR_GEN_AI_OPERATION_NAME } from '../../common/semconv.js';
import type { SpanAttributes } from '../model/attributes.js';
import { ANY_SOURCES } from '../content/conversation.js';
import { readGenAiCall } from './gen-ai-call.js';
import { operationNameOf, roleOfOperation } from '../fields/operation.js';
import { roleByKind } from '../fields/span-kind.js';
import type { Dialect, SpanRole } from '../model/dialect.js';

const KIND = 'gen_ai.span.kind';

/**
 * OpenTelemetry GenAI semantic conventions with an operation name, in all versions: messages as JSON or structured attributes, numbered
 * attributes, or events. Reads all libraries that follow them closely: OpenTelemetry's and Elastic's OpenAI instrumentation, Azure AI
 * Inference, Semantic Kernel, Microsoft.Extensions.AI, the AI SDK 7, Bedrock. Alibaba's LoongSuite, Dify and Future AGI write a kind of
 * span beside the operation or in its place.
 */
export const genAiDialect: Dialect = {
  name: 'gen_ai',
  markerAttributes: [ATTR_GEN_AI_OPERATION_NAME, KIND],
  recognise: recogniseGenAi,
  read: (view) => readGenAiCall(view, ANY_SOURCES),
};

function recogniseGenAi(attributes: SpanAttributes): SpanRole | undefined {
  const operation = operationNameOf(attributes);
  const role = operation === undefined ? undefined : roleOfOperation(operation);
  return role === undefined || role === 'other' ? (roleOfKind(attributes) ?? role) : role;
}

const roleOfKind = roleByKind(KIND, { llm: 'llm', agent: 'agent', tool: 'callBoundary' });
