import type {
  HrTime,
  ResourceLike,
  ScopeLike,
  SpanEventLike,
  SpanLike,
} from '../../../reading/model/span-like.js';
import { isRecord } from '../../../common/unknown-values.js';
import { MAX_VALUE_DEPTH, type AnyValue, type OtlpInt64 } from './otlp-trace.js';

/** Parts of a request that were left out, so that the rest could be read. */
export interface Losses {
  /** Spans without a valid trace id or span id. */
  withoutIds: number;
  /** Spans and groups of spans that cannot be read. */
  unreadable: number;
  /** Values of attributes that are malformed or nested too deep. */
  values: number;
}

export interface DecodedSpans {
  readonly spans: readonly SpanLike[];
  readonly losses: Readonly<Losses>;
}

/**
 * Converts a request to spans of `reading/`. Accepts any JSON value and checks every field: what is malformed costs only itself, and
 * is counted. `null` counts as absent, and names may be written in snake_case, as in the JSON of protobuf.
 *
 * A span that lacks its start or its end is dated by the other, and one that lacks both by `receivedMs`. The start is then NaN, so
 * that no latency is computed.
 *
 * Pure. Returns undefined if the request itself cannot be read.
 */
export function toSpans(request: unknown, receivedMs = 0): DecodedSpans | undefined {
  if (!isRecord(request)) return undefined;
  const groups = fieldOf(request, 'resourceSpans');
  if (groups !== undefined && !Array.isArray(groups)) return undefined;
  const spans: SpanLike[] = [];
  const losses: Losses = { withoutIds: 0, unreadable: 0, values: 0 };
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

/** What a span is read with. */
interface Surroundings {
  readonly resource: ResourceLike;
  readonly scope: ScopeLike;
  readonly losses: Losses;
  readonly receivedMs: number;
}

type JsonObject = Readonly<Record<string, unknown>>;

function toSpan(
  span: JsonObject,
  { resource, scope, losses, receivedMs }: Surroundings,
): SpanLike | undefined {
  if (span['isUnreadable'] === true) {
    losses.unreadable += 1;
    return undefined;
  }
  const [traceId, spanId] = [toId(fieldOf(span, 'traceId'), 32), toId(fieldOf(span, 'spanId'), 16)];
  if (traceId === undefined || spanId === undefined) {
    losses.withoutIds += 1;
    return undefined;
  }
  const parentSpanId = toId(fieldOf(span, 'parentSpanId'), 16);
  const context = { traceId, spanId, traceFlags: 1 };
  const status = objectIn(span, 'status');
  const message = textOf(status?.['message']);
  const start = toHrTime(fieldOf(span, 'startTimeUnixNano'));
  const end = toHrTime(fieldOf(span, 'endTimeUnixNano'));
  return {
    name: textOf(span['name']) ?? '',
    // OTLP counts from 1 and uses 0 for unspecified. The SDKs count from 0.
    kind: Math.max(0, (enumOf(span['kind'], SPAN_KINDS) ?? 1) - 1),
    spanContext: () => context,
    ...(parentSpanId !== undefined && { parentSpanContext: { spanId: parentSpanId } }),
    startTime: start && end ? start : UNKNOWN_TIME,
    endTime: end ?? start ?? [Math.floor(receivedMs / 1e3), (receivedMs % 1e3) * 1e6],
    status: {
      code: enumOf(status?.['code'], STATUS_CODES) ?? 0,
      ...(message !== undefined && { message }),
    },
    attributes: toAttributes(span['attributes'], losses),
    events: objectsIn(span['events'], () => (losses.values += 1)).map((event) => toEvent(event, losses)),
    resource,
    instrumentationScope: scope,
  };
}

const UNKNOWN_TIME: HrTime = [Number.NaN, 0];

function toEvent(event: JsonObject, losses: Losses): SpanEventLike {
  const time = toHrTime(fieldOf(event, 'timeUnixNano'));
  return {
    name: textOf(event['name']) ?? '',
    ...(time && { time }),
    attributes: toAttributes(event['attributes'], losses),
  };
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

/** Returns a hexadecimal id in lower case, as the SDKs write it; undefined if it is malformed or all zeros. */
function toId(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string' || value.length !== length || !/^[\da-f]+$/i.test(value)) return undefined;
  return /^0+$/.test(value) ? undefined : value.toLowerCase();
}

/** Returns undefined for 0, which stands for an unknown time, and for what is no time. */
function toHrTime(nanoseconds: unknown): HrTime | undefined {
  const total = bigintOf(nanoseconds);
  if (total === undefined || total <= 0n) return undefined;
  return [Number(total / 1_000_000_000n), Number(total % 1_000_000_000n)];
}

function toAttributes(pairs: unknown, losses: Losses, depth = 0): Record<string, unknown> {
  const attributes: [key: string, value: unknown][] = [];
  for (const { key, value } of objectsIn(pairs, () => (losses.values += 1)))
    if (typeof key === 'string') attributes.push([key, toValue(value, losses, depth)]);
    else losses.values += 1;
  // Object.fromEntries, because assignment to the key `__proto__` would set the prototype.
  return Object.fromEntries(attributes);
}

/** Returns undefined for bytes, because records hold no binary content, and for what cannot be read, which is counted. */
function toValue(value: unknown, losses: Losses, depth: number): unknown {
  if (value === undefined || value === null) return undefined;
  const read = isRecord(value) && depth <= MAX_VALUE_DEPTH ? readValue(value, losses, depth) : MALFORMED;
  if (read !== MALFORMED) return read;
  losses.values += 1;
  return undefined;
}

const MALFORMED = Symbol('malformed');

/** Reads the first kind of value that is set. A value of an unknown kind is undefined. */
function readValue(value: AnyValue & JsonObject, losses: Losses, depth: number): unknown {
  if (value.isUnreadable === true) return MALFORMED;
  const text = fieldOf(value, 'stringValue');
  if (text !== undefined) return typeof text === 'string' ? text : MALFORMED;
  const flag = fieldOf(value, 'boolValue');
  if (flag !== undefined) return typeof flag === 'boolean' ? flag : MALFORMED;
  const whole = fieldOf(value, 'intValue');
  if (whole !== undefined) return bigintOf(whole) === undefined ? MALFORMED : Number(bigintOf(whole));
  const double = fieldOf(value, 'doubleValue');
  if (double !== undefined) return doubleOf(double) ?? MALFORMED;
  const array = fieldOf(value, 'arrayValue');
  if (array !== undefined) return isRecord(array) ? toValues(array['values'], losses, depth + 1) : MALFORMED;
  const list = fieldOf(value, 'kvlistValue');
  if (list === undefined) return undefined;
  return isRecord(list) ? toAttributes(list['values'], losses, depth + 1) : MALFORMED;
}

function toValues(values: unknown, losses: Losses, depth: number): readonly unknown[] {
  return objectsIn(values, () => (losses.values += 1)).map((value) => toValue(value, losses, depth));
}

function bigintOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value)
    ? BigInt(value satisfies OtlpInt64)
    : undefined;
}

/** JSON of protobuf writes numbers that JSON lacks as text: `NaN`, `Infinity`, `-Infinity`. */
function doubleOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? undefined : number;
}

/** Returns a field by its lowerCamelCase name or, without that, its snake_case name. `null` counts as absent. */
function fieldOf(object: JsonObject, name: FieldName): unknown {
  return object[name] ?? object[SNAKE_CASE[name]] ?? undefined;
}

function objectIn(object: JsonObject, name: FieldName): JsonObject | undefined {
  const value = fieldOf(object, name);
  return isRecord(value) ? value : undefined;
}

const SNAKE_CASE = {
  resource: 'resource',
  resourceSpans: 'resource_spans',
  scope: 'scope',
  scopeSpans: 'scope_spans',
  instrumentationLibrary: 'instrumentation_library',
  instrumentationLibrarySpans: 'instrumentation_library_spans',
  spans: 'spans',
  traceId: 'trace_id',
  spanId: 'span_id',
  parentSpanId: 'parent_span_id',
  startTimeUnixNano: 'start_time_unix_nano',
  endTimeUnixNano: 'end_time_unix_nano',
  timeUnixNano: 'time_unix_nano',
  status: 'status',
  stringValue: 'string_value',
  boolValue: 'bool_value',
  intValue: 'int_value',
  doubleValue: 'double_value',
  arrayValue: 'array_value',
  kvlistValue: 'kvlist_value',
} as const;

type FieldName = keyof typeof SNAKE_CASE;

/** Returns the objects in a list. Calls `onMalformed` for each other item, and for a value that is no list. `null` is an empty list. */
function objectsIn(value: unknown, onMalformed: () => void): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    onMalformed();
    return [];
  }
  return value.filter((item: unknown): item is JsonObject => {
    if (isRecord(item)) return true;
    onMalformed();
    return false;
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
