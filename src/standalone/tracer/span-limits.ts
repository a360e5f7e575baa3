import { environmentVariable } from '../../common/options/environment.js';

/** Limits of one span (OpenTelemetry specification, "Span Limits"). */
export interface SpanLimits {
  /** Attributes of a span. Default 128, environment: `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, `OTEL_ATTRIBUTE_COUNT_LIMIT`. */
  readonly attributeCount: number;
  /**
   * Characters of a text attribute. Default: no limit, environment: `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`,
   * `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`.
   */
  readonly attributeValueLength: number;
  /** Events of a span. Default 128, environment: `OTEL_SPAN_EVENT_COUNT_LIMIT`. */
  readonly eventCount: number;
  /** Attributes of an event. Default 128, environment: `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`. */
  readonly eventAttributeCount: number;
}

/** Reads the limits from the environment. A value that is no whole number is ignored. */
export function spanLimits(): SpanLimits {
  return {
    attributeCount: limit(128, 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
    attributeValueLength: limit(
      Number.POSITIVE_INFINITY,
      'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
      'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    ),
    eventCount: limit(128, 'OTEL_SPAN_EVENT_COUNT_LIMIT'),
    eventAttributeCount: limit(128, 'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
  };
}

function limit(fallback: number, ...names: readonly string[]): number {
  for (const name of names) {
    const text = environmentVariable(name)?.trim();
    if (text && /^\d+$/.test(text)) return Number(text);
  }
  return fallback;
}
