import type {
  HrTime,
  ResourceLike,
  ScopeLike,
  SpanEventLike,
  SpanLike,
} from '../../../../reading/model/span-like.js';
import type { Losses } from './attribute-values.js';

export interface DecodedSpans {
  readonly spans: readonly SpanLike[];
  readonly losses: Readonly<Losses>;
}

/** The fields of a span as OTLP has them. */
export interface SpanFields {
  /** Hexadecimal, in lower case. Undefined if it is malformed or zero. */
  traceId: string | undefined;
  spanId: string | undefined;
  parentSpanId: string | undefined;
  name: string;
  /** Counted from 1, 0 for unspecified. */
  kind: number;
  startTime: HrTime | undefined;
  endTime: HrTime | undefined;
  statusCode: number;
  statusMessage: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly SpanEventLike[];
}

/** Inputs of a span. */
export interface Surroundings {
  readonly resource: ResourceLike;
  readonly scope: ScopeLike;
  readonly losses: Losses;
  /** Milliseconds since 1970. */
  readonly receivedMs: number;
}

const UNKNOWN_TIME: HrTime = [Number.NaN, 0];

/**
 * Makes a span of `reading/`. Returns undefined for a span without ids, which is counted.
 *
 * A span that lacks its start or its end is dated by the other, and one that lacks both by `receivedMs`. The start is then NaN, so
 * that no latency is computed.
 */
export function makeSpan(
  fields: SpanFields,
  { resource, scope, losses, receivedMs }: Surroundings,
): SpanLike | undefined {
  const { traceId, spanId, parentSpanId, startTime, endTime, statusMessage } = fields;
  if (traceId === undefined || spanId === undefined) {
    losses.withoutIds += 1;
    return undefined;
  }
  const context = { traceId, spanId, traceFlags: 1 };
  return {
    name: fields.name,
    // The SDKs count from 0.
    kind: Math.max(0, fields.kind - 1),
    spanContext: () => context,
    parentSpanContext: parentSpanId === undefined ? undefined : { spanId: parentSpanId },
    startTime: startTime && endTime ? startTime : UNKNOWN_TIME,
    endTime: endTime ?? startTime ?? [Math.floor(receivedMs / 1e3), (receivedMs % 1e3) * 1e6],
    status: { code: fields.statusCode, message: statusMessage },
    attributes: fields.attributes,
    events: fields.events,
    resource,
    instrumentationScope: scope,
  };
}
