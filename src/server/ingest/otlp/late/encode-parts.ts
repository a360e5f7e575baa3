import { recordId, traceIdOf } from '../../../../common/record-id.js';
import { ATTR_TRUBRICS_RECORD } from '../../../../common/semconv.js';
import { asArray, asRecord, asText, isRecord } from '../../../../common/unknown-values.js';
import { parentSpanIdOf, type HrTime, type SpanEventLike } from '../../../../reading/model/span-like.js';
import type { PendingPart } from '../../../engines/pending-parts.js';
import type { SentSpan } from '../joining/buffered-span.js';
import {
  eventKey,
  isOptOutEvent,
  withoutContent,
  type LogEvent,
  type SpanIds,
} from '../joining/log-events.js';

/** Spans above one that waits. Those farther away say nothing about nesting, and hardly ever who asked. */
const MAX_ABOVE = 32;
/** Longest text of a span above that is kept: ids and names are shorter, contents are longer. */
const MAX_TEXT_ABOVE = 1000;

/** Encodes a span with those above it, nearest first: they tell user, thread, nesting and opt-out. */
export function encodeSpan([span, ...above]: readonly [SentSpan, ...SentSpan[]]): PendingPart {
  const chain = [toPlain(span), ...above.slice(0, MAX_ABOVE).map((one) => toPlain(one, MAX_TEXT_ABOVE))];
  const value = JSON.stringify(chain);
  return {
    id: recordId(span.spanContext()),
    kind: 'span',
    key: eventKey({ name: value }),
    value,
  };
}

/** Encodes a log record of a span. */
export function encodeLog(span: SpanIds, event: SpanEventLike): PendingPart {
  const { name, time, attributes } = event;
  return {
    id: recordId(span),
    kind: 'log',
    key: eventKey(event),
    value: JSON.stringify({ ...span, name, time, attributes }),
  };
}

/** Encodes an opt-out of a record, as if a log record of its span had said it. */
export function encodeOptOut(id: string): PendingPart {
  const traceId = traceIdOf(id);
  return encodeLog({ traceId, spanId: id.slice(traceId.length + 1) }, withoutContent({ name: '' }));
}

/** Returns whether a part is a log record that opts its span out. It has no texts. */
export function isOptOut(part: PendingPart): boolean {
  // The texts of most log records are long, and need not be decoded twice.
  const mayOptOut = part.kind === 'log' && part.value.includes(ATTR_TRUBRICS_RECORD);
  return mayOptOut && decodeParts([part]).logs.some(({ event }) => isOptOutEvent(event));
}

/** Decodes parts. Those that cannot be read, because a later release wrote them, are left out. */
export function decodeParts(parts: readonly PendingPart[]): {
  readonly spans: readonly SentSpan[];
  readonly logs: readonly (LogEvent & { readonly span: SpanIds })[];
} {
  const spans = parts.filter(({ kind }) => kind === 'span').flatMap(({ value }) => asArray(parse(value)));
  const logs = parts.filter(({ kind }) => kind === 'log').map(({ value }) => parse(value));
  return {
    spans: spans.flatMap((plain) => toSpan(plain) ?? []),
    logs: logs.flatMap((log) => toLog(log) ?? []),
  };
}

function toPlain(span: SentSpan, maxText = Infinity): Readonly<Record<string, unknown>> {
  const { traceId, spanId } = span.spanContext();
  const { name, kind, status, startTime, endTime, resource, events = [] } = span;
  const attributes = Object.entries(span.attributes);
  const kept = attributes.filter(
    ([, value]) => maxText === Infinity || (JSON.stringify(value)?.length ?? 0) <= maxText,
  );
  const isCut = kept.length < attributes.length || (maxText < Infinity && events.length > 0);
  return {
    traceId,
    spanId,
    parentSpanId: parentSpanIdOf(span),
    name,
    kind,
    status,
    startTime,
    endTime,
    attributes: Object.fromEntries(kept),
    events: maxText === Infinity ? events : [],
    resource: resource?.attributes,
    scope: span.instrumentationScope ?? span.instrumentationLibrary,
    isCut: isCut || span.isCut === true,
  };
}

function toSpan(plain: unknown): SentSpan | undefined {
  if (!isRecord(plain)) return undefined;
  const { name, kind, status, events, attributes, resource, scope } = plain;
  const [traceId, spanId, parentId] = ['traceId', 'spanId', 'parentSpanId'].map((key) => asText(plain[key]));
  const [start, end] = [toTime(plain['startTime']), toTime(plain['endTime'])];
  if (traceId === undefined || spanId === undefined || !start || !end) return undefined;
  const context = { traceId, spanId, traceFlags: 1 };
  return {
    name: asText(name) ?? '',
    kind: Number(kind ?? 0),
    spanContext: () => context,
    parentSpanContext: parentId === undefined ? undefined : { spanId: parentId },
    startTime: start,
    endTime: end,
    status: { code: 0, ...asRecord(status) },
    attributes: asRecord(attributes),
    events: asArray(events).flatMap((event) => toEvent(event) ?? []),
    resource: { attributes: asRecord(resource) },
    instrumentationScope: { name: '', ...asRecord(scope) },
    isCut: plain['isCut'] === true,
  };
}

function toLog(plain: unknown): (LogEvent & { readonly span: SpanIds }) | undefined {
  const event = toEvent(plain);
  const [traceId, spanId] = [asText(asRecord(plain)['traceId']), asText(asRecord(plain)['spanId'])];
  if (!event || traceId === undefined || spanId === undefined) return undefined;
  return { span: { traceId, spanId }, event };
}

function toEvent(plain: unknown): SpanEventLike | undefined {
  if (!isRecord(plain) || typeof plain['name'] !== 'string') return undefined;
  const { name, attributes } = plain;
  const time = toTime(plain['time']);
  return {
    name,
    ...(time && { time }),
    ...(isRecord(attributes) && { attributes }),
  };
}

/** JSON has no NaN, which stands for an unknown time: it is null there. */
function toTime(time: unknown): HrTime | undefined {
  if (!Array.isArray(time)) return undefined;
  const [seconds, nanoseconds] = asArray(time);
  return [typeof seconds === 'number' ? seconds : Number.NaN, Number(nanoseconds)];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
