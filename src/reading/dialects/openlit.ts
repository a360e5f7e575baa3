import { readNumber, type SpanAttributes } from '../model/attributes.js';
import { readGenAiCall } from './gen-ai-call.js';
import type { RequestParameters } from '../model/llm-call.js';
import { ownMetadata } from '../fields/metadata.js';
import { operationNameOf, roleOfOperation } from '../fields/operation.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** OpenLIT: the GenAI conventions, with the names of requested tools on the chat span. */
export const openLitDialect: Dialect = {
  name: 'openlit',
  markerAttributes: ['telemetry.sdk.name'],
  recognise: recogniseOpenLit,
  read: readOpenLit,
};

function recogniseOpenLit(attributes: SpanAttributes): SpanRole | undefined {
  if (attributes['telemetry.sdk.name'] !== 'openlit') return undefined;
  const operation = operationNameOf(attributes);
  return operation === undefined ? undefined : roleOfOperation(operation);
}

function readOpenLit(view: SpanView): DialectReading {
  const reading = readGenAiCall(view);
  const timeToFirstToken = readNumber(view.attributes, 'gen_ai.server.time_to_first_token') ?? 0;
  return {
    ...reading,
    ...(reading.streaming === true && timeToFirstToken > 0 && { timeToFirstToken }),
    parameters: withoutDefaults(reading.parameters ?? {}),
    metadata: customAttributes(view.attributes),
  };
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
