import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_SYSTEM,
} from '../../common/semconv.js';
import { readNumber, readString, type SpanAttributes } from '../model/attributes.js';
import { readGenAiCall } from './gen-ai-call.js';
import { roleByOperation } from '../fields/operation.js';
import type { SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** Strands Agents: the GenAI conventions, with times in milliseconds. User, thread and tags are on the agent span. */
export const strandsDialect: Dialect = {
  name: 'strands',
  markerAttributes: [ATTR_GEN_AI_OPERATION_NAME, 'gen_ai.prompt'],
  genAiSpans: { providers: ['strands-agents'] },
  recognise: recogniseStrands,
  read: readStrands,
};

function recogniseStrands(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const writer = readString(attributes, ATTR_GEN_AI_PROVIDER_NAME, ATTR_GEN_AI_SYSTEM);
  if (writer !== 'strands-agents') return undefined;
  const role = roleByOperation(attributes);
  if (role !== undefined) return role;
  // Python 0.1 has no operation names. Its call, agent and cycle all have the prompt and the name of the agent.
  if (span.name === 'Model invoke') return 'llm';
  return attributes['event_loop.cycle_id'] === undefined ? undefined : 'other';
}

function readStrands(view: SpanView): DialectReading {
  const firstTokenMs = readNumber(view.attributes, 'gen_ai.server.time_to_first_token') ?? 0;
  const reading = readGenAiCall(view);
  if (firstTokenMs > 0) {
    reading.timeToFirstToken = firstTokenMs / 1000;
    reading.streaming = true;
  }
  return reading;
}
