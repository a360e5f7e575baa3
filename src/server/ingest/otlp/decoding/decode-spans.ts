import type { HrTime, ScopeLike, SpanEventLike, SpanLike } from '../../../../reading/model/span-like.js';
import { Attributes, noLosses, type Losses } from './attribute-values.js';
import { ignore, readAttribute, readAttributesOf, readMessage, readScope } from './decode-values.js';
import { toId } from './json-fields.js';
import { makeSpan, type DecodedSpans, type SpanFields } from './make-span.js';
import { ProtobufReader } from './protobuf-reader.js';

/** The spans of one resource or scope, while they are read. A resource may follow its spans, so spans are made at the end. */
interface Group {
  readonly losses: Losses;
  readonly resource: Attributes;
  readonly scopes: { readonly scope: ScopeLike; readonly fields: readonly SpanFields[] }[];
}

interface ScopeGroup {
  readonly losses: Losses;
  scope: ScopeLike;
  readonly fields: SpanFields[];
}

/**
 * Reads `ExportTraceServiceRequest` (opentelemetry/proto/collector/trace/v1) in protobuf. What cannot be read costs only itself: a value,
 * an attribute, an event, at most a span or what follows it in its group. It is counted.
 *
 * `receivedMs` is the time of a span without times.
 *
 * @throws ProtobufError if the request itself cannot be read.
 */
export function decodeSpans(bytes: Uint8Array, receivedMs = 0): DecodedSpans {
  const losses = noLosses();
  const spans: SpanLike[] = [];
  const reader = new ProtobufReader(bytes);
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) readResourceSpans(reader, losses, receivedMs, spans);
    else reader.skip();
  return { spans, losses };
}

function readResourceSpans(
  reader: ProtobufReader,
  losses: Losses,
  receivedMs: number,
  into: SpanLike[],
): void {
  const group: Group = { losses, resource: new Attributes(losses), scopes: [] };
  readMessage(reader, group, readResourceSpansFields, countUnreadable);
  const resource = { attributes: group.resource.values };
  for (const { scope, fields } of group.scopes)
    for (const one of fields) {
      const span = makeSpan(one, { resource, scope, losses, receivedMs });
      if (span) into.push(span);
    }
}

function readResourceSpansFields(reader: ProtobufReader, group: Group): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) readAttributesOf(reader, group.resource);
    // 1000 was instrumentation_library_spans before OTLP 1.0, with the same fields.
    else if (field === 2 || field === 1000) {
      const scoped: ScopeGroup = { losses: group.losses, scope: { name: '' }, fields: [] };
      group.scopes.push(scoped);
      readMessage(reader, scoped, readScopeSpansFields, countUnreadable);
    } else reader.skip();
}

function countUnreadable({ losses }: { readonly losses: Losses }): void {
  losses.unreadable += 1;
}

function readScopeSpansFields(reader: ProtobufReader, group: ScopeGroup): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) group.scope = readScope(reader);
    else if (field === 2) {
      const before = group.losses.unreadable;
      const span = readMessage(reader, new RawSpan(group.losses), readSpanFields, countUnreadable);
      if (group.losses.unreadable === before) group.fields.push(span);
    } else reader.skip();
}

class RawSpan implements SpanFields {
  traceId: string | undefined;
  spanId: string | undefined;
  parentSpanId: string | undefined;
  name = '';
  kind = 0;
  startTime: HrTime | undefined;
  endTime: HrTime | undefined;
  statusCode = 0;
  statusMessage: string | undefined;
  readonly events: SpanEventLike[] = [];
  readonly losses: Losses;
  readonly into: Attributes;

  constructor(losses: Losses) {
    this.losses = losses;
    this.into = new Attributes(losses);
  }

  get attributes(): Readonly<Record<string, unknown>> {
    return this.into.values;
  }
}

function readSpanFields(reader: ProtobufReader, span: RawSpan): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) span.traceId = toId(reader.hex(), 32);
    else if (field === 2) span.spanId = toId(reader.hex(), 16);
    else if (field === 4) span.parentSpanId = toId(reader.hex(), 16);
    else if (field === 5) span.name = reader.key();
    else if (field === 6) span.kind = reader.uint();
    else if (field === 7) span.startTime = reader.time();
    else if (field === 8) span.endTime = reader.time();
    else if (field === 9) readAttribute(reader, span.into);
    else if (field === 11) span.events.push(readEvent(reader, span.losses));
    else if (field === 15) readMessage(reader, span, readStatusFields, ignore);
    else reader.skip();
}

interface RawEvent {
  name: string;
  time?: HrTime;
  readonly into: Attributes;
}

function readEvent(reader: ProtobufReader, losses: Losses): SpanEventLike {
  const raw: RawEvent = { name: '', into: new Attributes(losses) };
  const { name, time, into } = readMessage(reader, raw, readEventFields, ignore);
  return { name, ...(time && { time }), attributes: into.values };
}

function readEventFields(reader: ProtobufReader, event: RawEvent): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) {
      const time = reader.time();
      if (time) event.time = time;
    } else if (field === 2) event.name = reader.key();
    else if (field === 3) readAttribute(reader, event.into);
    else reader.skip();
}

function readStatusFields(reader: ProtobufReader, span: RawSpan): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 2) span.statusMessage = reader.text();
    else if (field === 3) span.statusCode = reader.uint();
    else reader.skip();
}
