import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_SYSTEM,
} from '../../common/semconv.js';
import { readNumber, readString, type SpanAttributes } from '../model/attributes.js';
import { readGenAiCall } from './gen-ai-call.js';
import { operationNameOf, roleOfOperation } from '../fields/operation.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** Strands Agents: the GenAI conventions, with times in milliseconds. User, thread and tags are on the agent span. */
export const strandsDialect: Dialect = {
  name: 'strands',
  markerAttributes: [ATTR_GEN_AI_OPERATION_NAME],
  genAiSpans: { providers: ['strands-agents'] },
  recognise: recogniseStrands,
  read: readStrands,
};

function recogniseStrands(attributes: SpanAttributes): SpanRole | undefined {
  const operation = operationNameOf(attributes);
  if (operation === undefined) return undefined;
  const writer = readString(attributes, ATTR_GEN_AI_PROVIDER_NAME, ATTR_GEN_AI_SYSTEM);
  return writer === 'strands-agents' ? roleOfOperation(operation) : undefined;
}

function readStrands(view: SpanView): DialectReading {
  const firstTokenMs = readNumber(view.attributes, 'gen_ai.server.time_to_first_token') ?? 0;
  return {
    ...readGenAiCall(view),
    ...(firstTokenMs > 0 && { timeToFirstToken: firstTokenMs / 1000, streaming: true }),
  };
}
