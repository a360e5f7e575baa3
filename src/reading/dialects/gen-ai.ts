import { ATTR_TRUBRICS_METADATA, ATTR_TRUBRICS_PROMPT_TEMPLATE } from '../../semconv.js';
import { readString, toRecord, type SpanAttributes } from '../attributes.js';
import { readConversation } from '../content/conversation.js';
import { decode } from '../content/decode.js';
import { withDetails } from '../content/details-events.js';
import { readGenAiFields } from '../gen-ai-fields.js';
import { omitUndefined } from '../omit-undefined.js';
import { operationNameOf, roleOfOperation } from '../operation.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from './dialect.js';

/**
 * OpenTelemetry GenAI semantic conventions with an operation name, in all versions: messages as attributes, JSON text or
 * structured, numbered, or in events. Whatever follows them without peculiarities of its own is read here: OpenTelemetry's and
 * Elastic's OpenAI instrumentation, Azure AI Inference, Semantic Kernel, Microsoft.Extensions.AI, the AI SDK 7, Bedrock.
 */
export const genAiDialect: Dialect = {
  name: 'gen_ai',
  recognise: recogniseGenAi,
  read: readGenAi,
};

function recogniseGenAi(attributes: SpanAttributes): SpanRole | undefined {
  const operation = operationNameOf(attributes);
  return operation === undefined ? undefined : roleOfOperation(operation);
}

function readGenAi({ span, attributes: own }: SpanView): DialectReading {
  const events = span.events ?? [];
  const attributes = withDetails(own, events);
  const { truncated, ...conversation } = readConversation({ attributes, events });
  return {
    ...readGenAiFields(attributes, conversation.outputMessages),
    ...conversation,
    ...omitUndefined({
      metadata: toRecord(decode(attributes[ATTR_TRUBRICS_METADATA]).value),
      promptTemplate: readString(attributes, ATTR_TRUBRICS_PROMPT_TEMPLATE),
    }),
    truncated,
  };
}
