import type {
  HrTime,
  ResourceLike,
  ScopeLike,
  SpanEventLike,
  SpanLike,
} from '../../../reading/model/span-like.js';
import type { AnyValue, ExportTraceRequest, KeyValue, OtlpEvent, OtlpInt64, OtlpSpan } from './otlp-trace.js';

export interface DecodedSpans {
  readonly spans: readonly SpanLike[];
  /** Number of spans without a valid trace id or span id. */
  readonly invalid: number;
}

/** Converts a request to spans of `reading/`. Accepts any JSON value: every field is checked. Pure. */
export function toSpans(request: unknown): DecodedSpans {
  const spans: SpanLike[] = [];
  let invalid = 0;
  for (const group of listOf((request as ExportTraceRequest | null)?.resourceSpans)) {
    const resource: ResourceLike = { attributes: toAttributes(group.resource?.attributes) };
    const scopes = listOf(group.scopeSpans ?? group.instrumentationLibrarySpans);
    for (const { scope, instrumentationLibrary, spans: given } of scopes) {
      const by = scope ?? instrumentationLibrary;
      const instrumentationScope: ScopeLike = {
        name: textOf(by?.name) ?? '',
        version: textOf(by?.version),
      };
      for (const one of listOf(given)) {
        const span = toSpan(one, resource, instrumentationScope);
        if (span) spans.push(span);
        else invalid += 1;
      }
    }
  }
  return { spans, invalid };
}

function toSpan(span: OtlpSpan, resource: ResourceLike, scope: ScopeLike): SpanLike | undefined {
  const [traceId, spanId] = [toId(span.traceId, 32), toId(span.spanId, 16)];
  if (traceId === undefined || spanId === undefined) return undefined;
  const parentSpanId = toId(span.parentSpanId, 16);
  const context = { traceId, spanId, traceFlags: 1 };
  const message = textOf(span.status?.message);
  return {
    name: textOf(span.name) ?? '',
    // OTLP counts from 1 and uses 0 for unspecified. The SDKs count from 0.
    kind: Math.max(0, (numberOf(span.kind) ?? 1) - 1),
    spanContext: () => context,
    ...(parentSpanId !== undefined && { parentSpanContext: { spanId: parentSpanId } }),
    startTime: toHrTime(span.startTimeUnixNano),
    endTime: toHrTime(span.endTimeUnixNano),
    status: { code: numberOf(span.status?.code) ?? 0, ...(message !== undefined && { message }) },
    attributes: toAttributes(span.attributes),
    events: listOf(span.events).map(toEvent),
    resource,
    instrumentationScope: scope,
  };
}

function toEvent(event: OtlpEvent): SpanEventLike {
  return {
    name: textOf(event.name) ?? '',
    time: toHrTime(event.timeUnixNano),
    attributes: toAttributes(event.attributes),
  };
}

/** Returns a hexadecimal id in lower case, as the SDKs write it; undefined if it is malformed or all zeros. */
function toId(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string' || value.length !== length || !/^[\da-f]+$/i.test(value)) return undefined;
  return /^0+$/.test(value) ? undefined : value.toLowerCase();
}

function toHrTime(nanoseconds: OtlpInt64 | undefined): HrTime {
  const total = bigintOf(nanoseconds) ?? 0n;
  return [Number(total / 1_000_000_000n), Number(total % 1_000_000_000n)];
}

function toAttributes(pairs: readonly KeyValue[] | undefined): Record<string, unknown> {
  // Object.fromEntries, because assignment to the key `__proto__` would set the prototype.
  return Object.fromEntries(
    listOf(pairs).flatMap(({ key, value }) => (typeof key === 'string' ? [[key, toValue(value)]] : [])),
  );
}

/** Returns undefined for unknown kinds of values and for bytes: records hold no binary content. */
function toValue(value: AnyValue | undefined): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (value.stringValue !== undefined) return textOf(value.stringValue);
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) return Number(bigintOf(value.intValue) ?? Number.NaN);
  if (value.doubleValue !== undefined) return Number(value.doubleValue);
  if (value.arrayValue !== undefined) return listOf(value.arrayValue?.values).map(toValue);
  return value.kvlistValue === undefined ? undefined : toAttributes(value.kvlistValue?.values);
}

function bigintOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

/** Returns the objects in a list; an empty list for anything else. */
function listOf<T extends object>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
