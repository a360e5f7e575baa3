import type { SpanAttributes } from '../model/attributes.js';
import { readOwnConversation } from '../content/own-conversation.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import { readMetadata } from '../fields/metadata.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** Laminar: spans made by hand with its SDK. Its instrumentations write the OpenLLMetry dialect. */
export const laminarDialect: Dialect = {
  name: 'laminar',
  markerAttributes: ['lmnr.span.type', 'lmnr.span.path'],
  recognise: recogniseLaminar,
  read: readLaminar,
};

function recogniseLaminar(attributes: SpanAttributes): SpanRole | undefined {
  const type = attributes['lmnr.span.type'];
  if (typeof type !== 'string' || type === '') return undefined;
  const upper = type.toUpperCase();
  if (upper === 'LLM') return 'llm';
  return upper === 'TOOL' ? 'callBoundary' : 'other';
}

function readLaminar(view: SpanView): DialectReading {
  const { attributes } = view;
  const request = readRequest(attributes['lmnr.span.input']);
  const response = readResponse(attributes['lmnr.span.output']);
  const conversation = readOwnConversation(view, request, response);
  return {
    ...readGenAiFields(view, conversation.outputMessages),
    ...conversation,
    metadata: readMetadata(view, 'lmnr.association.properties.metadata.'),
  };
}
