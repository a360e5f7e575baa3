import { readNumber, readString, toBoolean, type SpanAttributes } from '../model/attributes.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { normaliseFinishReason } from '../fields/finish-reason.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { normaliseProvider } from '../fields/provider.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import { readCounts, withInclusiveInput } from '../fields/usage.js';
import type { Dialect, DialectReading, ReadAbove, SpanRole, SpanView } from '../model/dialect.js';

/** VoltAgent: one LLM span for a whole loop of tool calls; the answer is on the agent span. */
export const voltAgentDialect: Dialect = {
  name: 'voltagent',
  markerAttributes: ['span.type', 'entity.type', 'llm.operation'],
  recognise: recogniseVoltAgent,
  read: readVoltAgent,
  readAbove: readVoltAgentAbove,
  hasSpanForEveryCall: true,
};

function recogniseVoltAgent(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const type = attributes['span.type'];
  if (scopeNameOf(span) !== '@voltagent/core' && !isOwnType(type, attributes)) return undefined;
  if (type === 'llm') return 'llm';
  if (isAgent(attributes)) return 'agent';
  return type === 'tool' ? 'callBoundary' : 'other';
}

/** Returns whether `span.type` is VoltAgent's. APM agents use that name too (`web`), but have no entity type. */
function isOwnType(type: unknown, attributes: SpanAttributes): boolean {
  return (
    typeof type === 'string' &&
    type !== '' &&
    (attributes['entity.type'] !== undefined || attributes['llm.operation'] !== undefined)
  );
}

/** Returns whether this is an agent span. Its children inherit its entity type, but have a span type of their own. */
function isAgent(attributes: SpanAttributes): boolean {
  const type = attributes['span.type'];
  return type === 'agent' || (type === undefined && attributes['entity.type'] === 'agent');
}

function readVoltAgent(view: SpanView): DialectReading {
  const { attributes } = view;
  const request = readRequest(attributes['llm.messages']);
  const finishReason = normaliseFinishReason(attributes['llm.finish_reason']);
  return omitUndefined({
    operation: 'chat' as const,
    provider: normaliseProvider(readString(attributes, 'llm.provider')),
    requestModel: readString(attributes, 'llm.model', 'llm.model_id'),
    systemInstructions: request.systemInstructions,
    inputMessages: request.messages,
    parameters: omitUndefined({
      temperature: readNumber(attributes, 'llm.temperature'),
      maxTokens: readNumber(attributes, 'llm.max_output_tokens'),
      topP: readNumber(attributes, 'llm.top_p'),
    }),
    usage: withInclusiveInput(readCounts(view)),
    finishReasons: finishReason === undefined ? [] : [finishReason],
    streaming: toBoolean(attributes['llm.stream']),
    truncated: request.cut,
    inputTruncated: request.cut,
  });
}

function readVoltAgentAbove(own: DialectReading, ancestors: readonly SpanLike[]): ReadAbove {
  const agent = ancestors.find((span) => isAgent(span.attributes));
  if (!agent || own.outputMessages?.length) return {};
  const response = readResponse(agent.attributes.output);
  return { outputMessages: response.messages, truncated: (own.truncated ?? false) || response.cut };
}
