import {
  type Attributes,
  createNoopMeter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
} from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_TOKEN_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  METRIC_GEN_AI_CLIENT_OPERATION_DURATION,
  METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
  METRIC_GEN_AI_CLIENT_TOKEN_USAGE,
} from '../../common/semconv.js';
import { INSTRUMENTATION_SCOPE } from '../../common/spans/processed-spans.js';
import type { ModelRun } from './run.js';

/** Values of a finished model run, apart from its duration. */
export interface ModelMeasurements {
  readonly responseModel?: unknown;
  readonly errorType?: string | undefined;
  readonly inputTokens?: unknown;
  readonly outputTokens?: unknown;
  /** True if the answer was streamed. */
  readonly streamed?: boolean;
  /** End of the run on the clock of `performance.now()`. Default: now. */
  readonly endedAt?: number;
}

interface Instruments {
  readonly tokens: Histogram;
  readonly duration: Histogram;
  readonly firstChunk: Histogram;
}

const DIMENSIONS = [
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
];

/** Null: the provider is a no-op. */
const instruments = new WeakMap<MeterProvider, Instruments | null>();

/** Returns the span attributes that metrics have too, or undefined while no meter provider is registered. */
export function metricAttributes(attributes: Attributes): Attributes | undefined {
  if (!currentInstruments()) return undefined;
  const dimensions: Attributes = {};
  for (const name of DIMENSIONS) {
    const value = attributes[name];
    if (value !== undefined) dimensions[name] = value;
  }
  return dimensions;
}

/** Records the metrics of a model run that has ended, also if its span is not sampled. */
export function recordMetrics(
  { dimensions, startedAt, partial }: ModelRun,
  measured: ModelMeasurements,
): void {
  const found = dimensions && currentInstruments();
  if (!found) return;
  const { responseModel, errorType, inputTokens, outputTokens, streamed } = measured;
  const attributes: Attributes = {
    ...dimensions,
    ...(typeof responseModel === 'string' && { [ATTR_GEN_AI_RESPONSE_MODEL]: responseModel }),
  };
  const endedAt = measured.endedAt ?? performance.now();
  const seconds = Math.max(0, endedAt - startedAt) / 1_000;
  found.duration.record(seconds, errorType ? { ...attributes, [ATTR_ERROR_TYPE]: errorType } : attributes);
  if (typeof inputTokens === 'number')
    found.tokens.record(inputTokens, { ...attributes, [ATTR_GEN_AI_TOKEN_TYPE]: 'input' });
  if (typeof outputTokens === 'number')
    found.tokens.record(outputTokens, { ...attributes, [ATTR_GEN_AI_TOKEN_TYPE]: 'output' });
  if (streamed && partial.firstChunkAt !== undefined)
    found.firstChunk.record((partial.firstChunkAt - startedAt) / 1_000, attributes);
}

function currentInstruments(): Instruments | null {
  const provider = metrics.getMeterProvider();
  let found = instruments.get(provider);
  if (found === undefined) {
    const meter = provider.getMeter(INSTRUMENTATION_SCOPE);
    found = meter === createNoopMeter() ? null : createInstruments(meter);
    instruments.set(provider, found);
  }
  return found;
}

/** Creates the instruments, with the bucket boundaries of the GenAI conventions. */
function createInstruments(meter: Meter): Instruments {
  const histogram = (name: string, description: string, unit: string, boundaries: number[]): Histogram =>
    meter.createHistogram(name, { description, unit, advice: { explicitBucketBoundaries: boundaries } });
  // 0.01 s to 81.92 s, each twice the one before.
  const seconds = Array.from({ length: 14 }, (_, i) => 0.01 * 2 ** i);
  // 1 to 67,108,864, each four times the one before.
  const tokens = Array.from({ length: 14 }, (_, i) => 4 ** i);
  return {
    tokens: histogram(
      METRIC_GEN_AI_CLIENT_TOKEN_USAGE,
      'Number of input and output tokens used.',
      '{token}',
      tokens,
    ),
    duration: histogram(METRIC_GEN_AI_CLIENT_OPERATION_DURATION, 'GenAI operation duration.', 's', seconds),
    firstChunk: histogram(
      METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
      'Time to receive the first chunk of a streamed answer.',
      's',
      seconds,
    ),
  };
}
