import { ATTR_GEN_AI_OPERATION_NAME } from '../../common/semconv.js';
import { readString, type SpanAttributes } from '../model/attributes.js';
import { metadataReader } from '../fields/metadata.js';
import { readOpenLlmetryCall } from './openllmetry-call.js';
import { operationNameOf, roleByOperation } from '../fields/operation.js';
import { roleByKind } from '../fields/span-kind.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** OpenLLMetry by Traceloop, old (numbered messages, `llm.request.type`) and new. Its LlamaIndex instrumentation is included. */
export const traceloopDialect: Dialect = {
  name: 'traceloop',
  markerAttributes: ['traceloop.span.kind', 'llm.request.type', ATTR_GEN_AI_OPERATION_NAME],
  genAiSpans: { scopes: ['@traceloop/'] },
  recognise: recogniseTraceloop,
  read: readTraceloop,
};

/** Roles by span kind. A `task` is no call boundary: an LLM span below it is part of the call above it. */
const roleOfKind = roleByKind('traceloop.span.kind', {
  workflow: 'callBoundary',
  agent: 'agent',
  tool: 'callBoundary',
});

function recogniseTraceloop(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const role = roleOfKind(attributes);
  if (role !== undefined) return role;
  const requestType = readString(attributes, 'llm.request.type');
  if (operationNameOf(attributes) !== undefined) {
    const isOurs = requestType !== undefined || scopeNameOf(span).startsWith('@traceloop/');
    return isOurs ? roleByOperation(attributes) : undefined;
  }
  if (requestType === undefined) return undefined;
  return requestType === 'chat' || requestType === 'completion' ? 'llm' : 'other';
}

const readMetadata = metadataReader('traceloop.association.properties.');

function readTraceloop(view: SpanView): DialectReading {
  const reading = readOpenLlmetryCall(view);
  if (view.attributes['llm.request.type'] === 'completion') reading.operation = 'text_completion';
  reading.metadata = readMetadata(view);
  return reading;
}
