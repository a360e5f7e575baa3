import { readNumber, type SpanAttributes } from '../model/attributes.js';
import { readGenAiCall } from './gen-ai-call.js';
import type { RequestParameters } from '../model/llm-call.js';
import { ownMetadata } from '../fields/metadata.js';
import { operationNameOf, roleOfOperation } from '../fields/operation.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** OpenLIT: the GenAI conventions, with names of tools on the calls that ask for them. */
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

/** OpenLIT writes 1 for a temperature and a top_p that nobody set. */
function withoutDefaults({ temperature, topP, ...others }: RequestParameters): RequestParameters {
  return {
    ...others,
    ...(temperature !== undefined && temperature !== 1 && { temperature }),
    ...(topP !== undefined && topP !== 1 && { topP }),
  };
}

/** The user's own attributes stand among the others; those of OpenLIT have a dot in their names. */
function customAttributes(attributes: SpanAttributes): Readonly<Record<string, unknown>> {
  return ownMetadata(Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.includes('.'))));
}
