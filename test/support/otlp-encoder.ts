import type { SpanLike } from '../../src/reading/model/span-like.js';

/** Writes OTLP requests without looking at the server's reader: both follow opentelemetry-proto v1. */

type Field = readonly [number: number, value: Uint8Array | string | bigint | { readonly fixed64: bigint }];

export function message(...fields: readonly Field[]): Uint8Array {
  return Buffer.concat(fields.map(([number, value]) => encodeField(number, value)));
}

function encodeField(number: number, value: Field[1]): Uint8Array {
  if (typeof value === 'bigint') return Buffer.from([...varint(BigInt(number) << 3n), ...varint(value)]);
  if (value instanceof Uint8Array || typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([
      Buffer.from([...varint((BigInt(number) << 3n) | 2n), ...varint(BigInt(bytes.length))]),
      bytes,
    ]);
  }
  const fixed = Buffer.alloc(8);
  fixed.writeBigUInt64LE(value.fixed64);
  return Buffer.concat([Buffer.from(varint((BigInt(number) << 3n) | 1n)), fixed]);
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

function nanosOf([seconds, nanoseconds]: readonly [number, number]): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
}

export function protobufRequest(spans: readonly SpanLike[]): Uint8Array {
  const encoded = spans.map((span): Field => [2, spanMessage(span)]);
  const scope = message([1, 'test-scope'], [2, '1.0']);
  const resource = message([1, pair('service.name', 'shop')]);
  return message([1, message([1, resource], [2, message([1, scope], ...encoded)])]);
}

/** A log record as data. */
export interface LogSketch {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
  readonly body?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. */
  readonly timeMs?: number;
}

/** Attributes of a resource. */
export type ResourceSketch = Readonly<Record<string, unknown>>;

/** The resource stands before its log records, as exporters write it, or after them, as protobuf allows. */
export function protobufLogs(
  records: readonly LogSketch[],
  resource: ResourceSketch = {},
  place: 'before' | 'after' = 'before',
): Uint8Array {
  const encoded = records.map((record): Field => [2, logMessage(record)]);
  const attributes = Object.entries(resource).map(([key, value]): Field => [1, pair(key, value)]);
  const fields: Field[] = [
    [1, message(...attributes)],
    [2, message([1, message([1, 'test-scope'])], ...encoded)],
  ];
  return message([1, message(...(place === 'before' ? fields : fields.toReversed()))]);
}

function logMessage({
  traceId,
  spanId,
  eventName,
  body,
  attributes = {},
  timeMs = 0,
}: LogSketch): Uint8Array {
  return message(
    [1, { fixed64: BigInt(timeMs) * 1_000_000n }],
    [2, 9n],
    ...(body === undefined ? [] : [[5, anyValue(body)] as const]),
    ...Object.entries(attributes).map(([key, value]): Field => [6, pair(key, value)]),
    ...(traceId === undefined ? [] : [[9, Buffer.from(traceId, 'hex')] as const]),
    ...(spanId === undefined ? [] : [[10, Buffer.from(spanId, 'hex')] as const]),
    ...(eventName === undefined ? [] : [[12, eventName] as const]),
  );
}

export function jsonLogs(records: readonly LogSketch[], resource: ResourceSketch = {}): string {
  const logRecords = records.map(({ traceId, spanId, eventName, body, attributes = {}, timeMs = 0 }) => ({
    timeUnixNano: String(BigInt(timeMs) * 1_000_000n),
    severityNumber: 9,
    ...(body !== undefined && { body: jsonValue(body) }),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: jsonValue(value) })),
    traceId,
    spanId,
    eventName,
  }));
  const attributes = Object.entries(resource).map(([key, value]) => ({ key, value: jsonValue(value) }));
  const scopeLogs = [{ scope: { name: 'test-scope' }, logRecords }];
  return JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs }] });
}

function spanMessage(span: SpanLike): Uint8Array {
  const { traceId, spanId } = span.spanContext();
  const parent = span.parentSpanContext?.spanId;
  return message(
    [1, Buffer.from(traceId, 'hex')],
    [2, Buffer.from(spanId, 'hex')],
    ...(parent === undefined ? [] : [[4, Buffer.from(parent, 'hex')] as const]),
    [5, span.name],
    [6, 3n],
    [7, { fixed64: nanosOf(span.startTime) }],
    [8, { fixed64: nanosOf(span.endTime) }],
    ...Object.entries(span.attributes).map(([key, value]): Field => [9, pair(key, value)]),
    [15, message([2, span.status?.message ?? ''], [3, BigInt(span.status?.code ?? 0)])],
    // A field of a later version.
    [99, 'unknown'],
  );
}

function pair(key: string, value: unknown): Uint8Array {
  return message([1, key], [2, anyValue(value)]);
}

function anyValue(value: unknown): Uint8Array {
  if (typeof value === 'string') return message([1, value]);
  if (typeof value === 'boolean') return message([2, value ? 1n : 0n]);
  if (typeof value === 'number' && Number.isInteger(value)) return message([3, BigInt(value)]);
  if (typeof value === 'number') {
    const bits = Buffer.alloc(8);
    bits.writeDoubleLE(value);
    return message([4, { fixed64: bits.readBigUInt64LE() }]);
  }
  if (Array.isArray(value)) return message([5, message(...value.map((item): Field => [1, anyValue(item)]))]);
  return message([
    6,
    message(...Object.entries(value as object).map(([key, item]): Field => [1, pair(key, item)])),
  ]);
}

export function jsonRequest(spans: readonly SpanLike[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeSpans: [{ scope: { name: 'test-scope' }, spans: spans.map(jsonSpan) }],
      },
    ],
  });
}

function jsonSpan(span: SpanLike): object {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId: traceId.toUpperCase(),
    spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? '',
    name: span.name,
    kind: 3,
    startTimeUnixNano: String(nanosOf(span.startTime)),
    endTimeUnixNano: String(nanosOf(span.endTime)),
    attributes: Object.entries(span.attributes).map(([key, value]) => ({ key, value: jsonValue(value) })),
    status: { code: span.status?.code ?? 0 },
    flags: 257,
  };
}

function jsonValue(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(jsonValue) } };
  if (typeof value === 'object' && value !== null) {
    const values = Object.entries(value).map(([key, item]) => ({ key, value: jsonValue(item) }));
    return { kvlistValue: { values } };
  }
  return { stringValue: String(value) };
}
