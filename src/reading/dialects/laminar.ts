import { readOwnConversation } from '../content/own-conversation.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import { metadataReader } from '../fields/metadata.js';
import { roleByKind } from '../fields/span-kind.js';
import type { Dialect, DialectReading, SpanView } from '../model/dialect.js';

/** Laminar: spans made by hand with its SDK. Its instrumentations write the OpenLLMetry dialect. */
export const laminarDialect: Dialect = {
  name: 'laminar',
  markerAttributes: ['lmnr.span.type', 'lmnr.span.path'],
  recognise: roleByKind('lmnr.span.type', { llm: 'llm', tool: 'callBoundary' }),
  read: readLaminar,
};

const readMetadata = metadataReader('lmnr.association.properties.metadata.');

function readLaminar(view: SpanView): DialectReading {
  const { attributes } = view;
  const request = readRequest(attributes['lmnr.span.input']);
  const response = readResponse(attributes['lmnr.span.output']);
  const conversation = readOwnConversation(view, request, response);
  return {
    ...readGenAiFields(view, conversation.outputMessages),
    ...conversation,
    metadata: readMetadata(view),
  };
}
