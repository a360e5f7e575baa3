import { ATTR_GEN_AI_OPERATION_NAME } from '../../common/semconv.js';
import { readNumber, type SpanAttributes } from '../model/attributes.js';
import { readGenAiCall } from './gen-ai-call.js';
import type { RequestParameters } from '../model/llm-call.js';
import { ownMetadata } from '../fields/metadata.js';
import { roleByOperation } from '../fields/operation.js';
import { readCounts, withInclusiveInput } from '../fields/usage.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** OpenLIT: the GenAI conventions, with the names of requested tools on the chat span. */
export const openLitDialect: Dialect = {
  name: 'openlit',
  // Older versions have the SDK's name on the resource only; their spans are recognised by the scope.
  markerAttributes: ['telemetry.sdk.name', ATTR_GEN_AI_OPERATION_NAME],
  genAiSpans: { scopes: ['@openlit/', 'openlit'] },
  recognise: recogniseOpenLit,
  read: readOpenLit,
};

function recogniseOpenLit(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (attributes['telemetry.sdk.name'] !== 'openlit' && !isOwnScope(scopeNameOf(span))) return undefined;
  return roleByOperation(attributes);
}

function isOwnScope(scope: string): boolean {
  return scope.startsWith('@openlit/') || scope.startsWith('openlit');
}

/** Providers whose own counts OpenLIT passes on: they do not contain cached tokens. */
const NET_PROVIDERS: ReadonlySet<string> = new Set(['anthropic', 'aws.bedrock', 'aws_bedrock', 'bedrock']);

function readOpenLit(view: SpanView): DialectReading {
  const reading = readGenAiCall(view);
  const timeToFirstToken = readNumber(view.attributes, 'gen_ai.server.time_to_first_token') ?? 0;
  if (NET_PROVIDERS.has(reading.provider ?? '')) reading.usage = withInclusiveInput(readCounts(view), true);
  if (reading.streaming === true && timeToFirstToken > 0) reading.timeToFirstToken = timeToFirstToken;
  reading.parameters = withoutDefaults(reading.parameters);
  reading.metadata = customAttributes(view.attributes);
  return reading;
}

/** Drops temperature and top_p of 1, which OpenLIT writes as defaults. */
function withoutDefaults({ temperature, topP, ...others }: RequestParameters): RequestParameters {
  return {
    ...others,
    ...(temperature !== undefined && temperature !== 1 && { temperature }),
    ...(topP !== undefined && topP !== 1 && { topP }),
  };
}

/** Returns the user's custom attributes: those without a dot in their names. */
function customAttributes(attributes: SpanAttributes): Readonly<Record<string, unknown>> {
  return ownMetadata(Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.includes('.'))));
}
