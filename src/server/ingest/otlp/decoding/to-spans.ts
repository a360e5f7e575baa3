import { isRecord } from '../../../../common/unknown-values.js';
import type { HrTime, SpanEventLike, SpanLike } from '../../../../reading/model/span-like.js';
import { noLosses, toAttributes, type Losses } from './attribute-values.js';
import {
  fieldOf,
  isUnset,
  objectIn,
  objectsIn,
  readIfGiven,
  textOf,
  toHrTime,
  toId,
  type JsonObject,
} from './json-fields.js';
import { makeSpan, type DecodedSpans, type Surroundings } from './make-span.js';

/**
 * Reads `ExportTraceServiceRequest` in JSON. Accepts any value and checks every field: what is malformed costs only itself, and is
 * counted. `null` counts as absent, and names may be written in snake_case, as in the JSON of protobuf. `receivedMs` is the time of a
 * span without times.
 *
 * Pure. Returns undefined if the request itself cannot be read.
 */
export function toSpans(request: unknown, receivedMs = 0): DecodedSpans | undefined {
  if (!isRecord(request)) return undefined;
  const groups = fieldOf(request, 'resourceSpans');
  if (groups !== undefined && !Array.isArray(groups)) return undefined;
  const spans: SpanLike[] = [];
  const losses = noLosses();
  const count = (): number => (losses.unreadable += 1);
  for (const group of objectsIn(groups, count)) {
    const resource = { attributes: toAttributes(objectIn(group, 'resource')?.['attributes'], losses) };
    const scopes = fieldOf(group, 'scopeSpans') ?? fieldOf(group, 'instrumentationLibrarySpans');
    for (const scoped of objectsIn(scopes, count)) {
      const by = objectIn(scoped, 'scope') ?? objectIn(scoped, 'instrumentationLibrary');
      const scope = { name: textOf(by?.['name']) ?? '', version: textOf(by?.['version']) };
      for (const one of objectsIn(fieldOf(scoped, 'spans'), count)) {
        const span = toSpan(one, { resource, scope, losses, receivedMs });
        if (span) spans.push(span);
      }
    }
  }
  return { spans, losses };
}

function toSpan(
  span: JsonObject,
  { resource, scope, losses, receivedMs }: Surroundings,
): SpanLike | undefined {
  const lose = (): number => (losses.values += 1);
  const timeIn = (name: 'startTimeUnixNano' | 'endTimeUnixNano'): HrTime | undefined =>
    readTime(fieldOf(span, name), lose);
  const status = readIfGiven(span['status'], asObject, lose);
  return makeSpan(
    {
      traceId: toId(fieldOf(span, 'traceId'), 32),
      spanId: toId(fieldOf(span, 'spanId'), 16),
      parentSpanId: readParentId(fieldOf(span, 'parentSpanId'), lose),
      name: readIfGiven(span['name'], textOf, lose) ?? '',
      kind: readIfGiven(span['kind'], (kind) => enumOf(kind, SPAN_KINDS), lose) ?? 0,
      startTime: timeIn('startTimeUnixNano'),
      endTime: timeIn('endTimeUnixNano'),
      statusCode: readIfGiven(status?.['code'], (code) => enumOf(code, STATUS_CODES), lose) ?? 0,
      statusMessage: readIfGiven(status?.['message'], textOf, lose),
      attributes: toAttributes(span['attributes'], losses),
      events: objectsIn(span['events'], lose).map((event) => toEvent(event, losses)),
    },
    { resource, scope, losses, receivedMs },
  );
}

function toEvent(event: JsonObject, losses: Losses): SpanEventLike {
  const lose = (): number => (losses.values += 1);
  const time = readTime(fieldOf(event, 'timeUnixNano'), lose);
  return {
    name: readIfGiven(event['name'], textOf, lose) ?? '',
    ...(time && { time }),
    attributes: toAttributes(event['attributes'], losses),
  };
}

function readTime(value: unknown, onMalformed: () => void): HrTime | undefined {
  return isUnset(value) ? undefined : readIfGiven(value, toHrTime, onMalformed);
}

function readParentId(value: unknown, onMalformed: () => void): string | undefined {
  return isUnset(value) ? undefined : readIfGiven(value, (id) => toId(id, 16), onMalformed);
}

function asObject(value: unknown): JsonObject | undefined {
  return isRecord(value) ? value : undefined;
}

/** Names of enum values, at their numbers. */
const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (name) => `SPAN_KIND_${name}`,
);
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`);

function enumOf(value: unknown, names: readonly string[]): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'string') return undefined;
  const at = names.indexOf(value);
  return at === -1 ? undefined : at;
}
