import { readString, toRecord, type SpanAttributes } from '../model/attributes.js';
import { conversationOf } from '../content/own-conversation.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { toParameters } from '../fields/parameters.js';
import { normaliseProvider } from '../fields/provider.js';
import { roleByKind } from '../fields/span-kind.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import { toUsage } from '../fields/usage-body.js';
import type { TokenUsage } from '../model/llm-call.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** Genkit: an action's input and output as JSON. */
export const genkitDialect: Dialect = {
  name: 'genkit',
  markerAttributes: ['genkit:type', 'genkit:metadata:subtype'],
  recognise: recogniseGenkit,
  read: readGenkit,
};

const roleOfSubtype = roleByKind('genkit:metadata:subtype', {
  model: 'llm',
  'background-model': 'llm',
  tool: 'callBoundary',
  'tool.v2': 'callBoundary',
  flow: 'callBoundary',
  agent: 'agent',
});

/** Only the model action is a call. The `generate` utilities around it nest and repeat its content. */
function recogniseGenkit(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (!attributes['genkit:type'] && scopeNameOf(span) !== 'genkit-tracer') return undefined;
  return roleOfSubtype(attributes) ?? 'other';
}

function readGenkit({ attributes }: SpanView): DialectReading {
  const request = readRequest(attributes['genkit:input']);
  const response = readResponse(attributes['genkit:output']);
  const model = readString(attributes, 'genkit:name');
  return omitUndefined({
    ...conversationOf(request, response),
    operation: 'chat' as const,
    provider: model?.includes('/') ? normaliseProvider(model.split('/', 1)[0]) : undefined,
    requestModel: model,
    responseModel: readResponseModel(response.body) ?? model,
    parameters: toParameters(request.body.config),
    usage: readUsage(response.body),
    finishReasons: response.messages.flatMap((message) => message.finishReason ?? []),
    error: attributes['genkit:state'] === 'error' ? { type: '_OTHER' } : undefined,
    promptTemplate: readString(attributes, 'genkit:metadata:prompt:name'),
    metadata: toRecord(request.body.metadata),
  });
}

/**
 * Returns the counts of the provider's own response, if Genkit keeps it, else Genkit's. Genkit leaves out cached tokens, and takes over
 * the input of Anthropic, which does not contain them.
 */
function readUsage(body: SpanAttributes): TokenUsage {
  const own = toUsage(body.usage);
  const raw = rawOf(body);
  const provider = toUsage(raw.usage ?? raw.usageMetadata ?? raw.usage_metadata);
  if (provider.inputTokens === undefined) return own;
  const { totalTokens: _ofOwnInput, ...others } = own;
  return { ...(provider.inputTokens === own.inputTokens ? own : others), ...provider };
}

/** Returns the provider's response. */
function rawOf(body: SpanAttributes): SpanAttributes {
  return toRecord(body.raw) ?? toRecord(body.custom) ?? {};
}

/** Returns the answering model. Only the provider's response below has it: Genkit's own name is the requested model. */
function readResponseModel(body: SpanAttributes): string | undefined {
  return readString(rawOf(body), 'model', 'modelVersion');
}
