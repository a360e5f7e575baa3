import type {
  AnyValue,
  ExportTraceRequest,
  KeyValue,
  OtlpEvent,
  OtlpSpan,
  ResourceSpans,
  ScopeSpans,
} from './otlp-trace.js';
import { MAX_VALUE_DEPTH } from './otlp-trace.js';
import { ProtobufError, ProtobufReader } from './protobuf-reader.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const UNREADABLE_VALUE: AnyValue = { isUnreadable: true };
const UNREADABLE_SPAN: OtlpSpan = { isUnreadable: true };

/**
 * Reads `ExportTraceServiceRequest` (opentelemetry/proto/collector/trace/v1). One function per message; each loops over its fields
 * until `next()` returns 0, the end of the message. Field numbers are those of the `.proto` files.
 *
 * What cannot be read within a span costs only that: a value, an attribute, an event, at most the span.
 *
 * @throws ProtobufError if the messages around the spans cannot be read.
 */
export function decodeProtobuf(bytes: Uint8Array): ExportTraceRequest {
  const resourceSpans: ResourceSpans[] = [];
  const reader = new ProtobufReader(bytes);
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) resourceSpans.push(readResourceSpans(reader.message()));
    else reader.skip();
  return { resourceSpans };
}

function readResourceSpans(reader: ProtobufReader): ResourceSpans {
  const scopeSpans: ScopeSpans[] = [];
  const attributes: KeyValue[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) readAttributes(reader.message(), 1, attributes);
    // 1000 was instrumentation_library_spans before OTLP 1.0, with the same fields.
    else if (field === 2 || field === 1000) scopeSpans.push(readScopeSpans(reader.message()));
    else reader.skip();
  return { resource: { attributes }, scopeSpans };
}

/** Reads a message of which only the attributes are of interest. */
function readAttributes(reader: ProtobufReader, attributesField: number, into: KeyValue[]): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === attributesField) into.push(readAttribute(reader.message()));
    else reader.skip();
}

function readScopeSpans(reader: ProtobufReader): ScopeSpans {
  const spans: OtlpSpan[] = [];
  let scope: ScopeSpans['scope'];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) scope = readScope(reader.message());
    else if (field === 2) spans.push(readOr(UNREADABLE_SPAN, reader.message(), readSpan));
    else reader.skip();
  return { ...(scope && { scope }), spans };
}

function readScope(reader: ProtobufReader): ScopeSpans['scope'] {
  const scope: Mutable<NonNullable<ScopeSpans['scope']>> = {};
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) scope.name = reader.text();
    else if (field === 2) scope.version = reader.text();
    else reader.skip();
  return scope;
}

function readSpan(reader: ProtobufReader): OtlpSpan {
  const span: Mutable<OtlpSpan> = {};
  const attributes: KeyValue[] = [];
  const events: OtlpEvent[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) span.traceId = hexOf(reader.bytes());
    else if (field === 2) span.spanId = hexOf(reader.bytes());
    else if (field === 4) span.parentSpanId = hexOf(reader.bytes());
    else if (field === 5) span.name = reader.text();
    else if (field === 6) span.kind = reader.uint();
    else if (field === 7) span.startTimeUnixNano = reader.fixed64();
    else if (field === 8) span.endTimeUnixNano = reader.fixed64();
    else if (field === 9) attributes.push(readAttribute(reader.message()));
    else if (field === 11) events.push(readOr({}, reader.message(), readEvent));
    else if (field === 15) span.status = readOr({}, reader.message(), readStatus);
    else reader.skip();
  return { ...span, attributes, events };
}

function readEvent(reader: ProtobufReader): OtlpEvent {
  const event: Mutable<OtlpEvent> = {};
  const attributes: KeyValue[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) event.timeUnixNano = reader.fixed64();
    else if (field === 2) event.name = reader.text();
    else if (field === 3) attributes.push(readAttribute(reader.message()));
    else reader.skip();
  return { ...event, attributes };
}

function readStatus(reader: ProtobufReader): NonNullable<OtlpSpan['status']> {
  const status: Mutable<NonNullable<OtlpSpan['status']>> = {};
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 2) status.message = reader.text();
    else if (field === 3) status.code = reader.uint();
    else reader.skip();
  return status;
}

/** Returns `fallback` if the message cannot be read. */
function readOr<T>(fallback: T, reader: ProtobufReader, read: (reader: ProtobufReader) => T): T {
  try {
    return read(reader);
  } catch (error) {
    if (error instanceof ProtobufError) return fallback;
    throw error;
  }
}

function readAttribute(reader: ProtobufReader): KeyValue {
  return readOr({ value: UNREADABLE_VALUE }, reader, (pair) => readKeyValue(pair, 0));
}

function readKeyValue(reader: ProtobufReader, depth: number): KeyValue {
  const pair: Mutable<KeyValue> = {};
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) pair.key = reader.text();
    else if (field === 2)
      pair.value = readOr(UNREADABLE_VALUE, reader.message(), (value) => readValue(value, depth));
    else reader.skip();
  return pair;
}

function readValue(reader: ProtobufReader, depth: number): AnyValue {
  if (depth > MAX_VALUE_DEPTH) return UNREADABLE_VALUE;
  let value: AnyValue = {};
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) value = { stringValue: reader.text() };
    else if (field === 2) value = { boolValue: reader.uint() !== 0 };
    else if (field === 3) value = { intValue: reader.int64() };
    else if (field === 4) value = { doubleValue: reader.double() };
    else if (field === 5) value = { arrayValue: { values: readValues(reader.message(), depth + 1) } };
    else if (field === 6) value = { kvlistValue: { values: readPairs(reader.message(), depth + 1) } };
    else if (field === 7) value = { bytesValue: reader.bytes() };
    else reader.skip();
  return value;
}

function readValues(reader: ProtobufReader, depth: number): AnyValue[] {
  const values: AnyValue[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1)
      values.push(readOr(UNREADABLE_VALUE, reader.message(), (value) => readValue(value, depth)));
    else reader.skip();
  return values;
}

function readPairs(reader: ProtobufReader, depth: number): KeyValue[] {
  const pairs: KeyValue[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) pairs.push(readKeyValue(reader.message(), depth));
    else reader.skip();
  return pairs;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
