import { readConversation } from '../content/conversation.js';
import type { SpanAttributes } from '../attributes.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { readGenAiFields } from '../gen-ai-fields.js';
import { readMetadata } from '../metadata.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from './dialect.js';

/** Spans made by hand with Laminar's SDK. Those of its instrumentations are OpenLLMetry's. */
export const laminarDialect: Dialect = {
  name: 'laminar',
  signals: ['lmnr.span.type', 'lmnr.span.path'],
  recognise: recogniseLaminar,
  read: readLaminar,
};

function recogniseLaminar(attributes: SpanAttributes): SpanRole | undefined {
  const type = attributes['lmnr.span.type'];
  if (typeof type !== 'string' || type === '') return undefined;
  const upper = type.toUpperCase();
  if (upper === 'LLM') return 'llm';
  return upper === 'TOOL' ? 'barrier' : 'other';
}

function readLaminar(view: SpanView): DialectReading {
  const { span, attributes } = view;
  const request = readRequest(attributes['lmnr.span.input']);
  const response = readResponse(attributes['lmnr.span.output']);
  const instrumented = readConversation(view, span.events);
  const outputMessages = response.messages.length > 0 ? response.messages : instrumented.outputMessages;
  const hasRequest = request.messages.length > 0;
  return {
    ...readGenAiFields(view, outputMessages),
    systemInstructions: hasRequest ? request.systemInstructions : instrumented.systemInstructions,
    inputMessages: hasRequest ? request.messages : instrumented.inputMessages,
    outputMessages,
    metadata: readMetadata(view, 'lmnr.association.properties.metadata.'),
    truncated: request.cut || response.cut || instrumented.truncated,
  };
}
