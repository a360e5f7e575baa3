import { isRecord } from '../../../../common/unknown-values.js';
import type { HrTime } from '../../../../reading/model/span-like.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Returns a field by its lowerCamelCase name or, without that, its snake_case name. `null` counts as absent. */
export function fieldOf(object: JsonObject, name: FieldName): unknown {
  return object[name] ?? object[SNAKE_CASE[name]] ?? undefined;
}

export function objectIn(object: JsonObject, name: FieldName): JsonObject | undefined {
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
  resourceLogs: 'resource_logs',
  scopeLogs: 'scope_logs',
  instrumentationLibraryLogs: 'instrumentation_library_logs',
  logRecords: 'log_records',
  observedTimeUnixNano: 'observed_time_unix_nano',
  eventName: 'event_name',
  stringValue: 'string_value',
  boolValue: 'bool_value',
  intValue: 'int_value',
  doubleValue: 'double_value',
  arrayValue: 'array_value',
  kvlistValue: 'kvlist_value',
} as const;

type FieldName = keyof typeof SNAKE_CASE;

/** Returns the objects in a list. Calls `onMalformed` for each other item, and for a value that is no list. `null` is an empty list. */
export function objectsIn(value: unknown, onMalformed: () => void): readonly JsonObject[] {
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

/** Reads a value that may be absent. Calls `onMalformed` if `read` cannot read it. */
export function readIfGiven<T>(
  value: unknown,
  read: (value: unknown) => T | undefined,
  onMalformed: () => void,
): T | undefined {
  if (value === undefined || value === null) return undefined;
  const result = read(value);
  if (result === undefined) onMalformed();
  return result;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * Returns a hexadecimal id in lower case, as the SDKs write it; undefined if it is malformed or all zeros. Libraries for protobuf write
 * ids in base64 when they turn a message into JSON.
 */
export function toId(value: unknown, length: 16 | 32): string | undefined {
  if (typeof value !== 'string') return undefined;
  const id = value.length === length ? value.toLowerCase() : hexOfBase64(value, length);
  return /^[\da-f]+$/.test(id) && id !== ZEROS[length] ? id : undefined;
}

/** Returns the hexadecimal form of an id in base64, which ends with a `=` for its missing bytes. Empty for any other text. */
function hexOfBase64(text: string, length: 16 | 32): string {
  if (text.length !== BASE64_LENGTH[length] || !/^[\w+/-]+={1,2}$/.test(text)) return '';
  const hex = Buffer.from(text, 'base64').toString('hex');
  return hex.length === length ? hex : '';
}

const BASE64_LENGTH = { 16: 12, 32: 24 } as const;

const ZEROS = { 16: '0'.repeat(16), 32: '0'.repeat(32) } as const;

/** Returns whether a value stands for none: an id or a time that is empty or zero. */
export function isUnset(value: unknown): boolean {
  return value === 0 || (typeof value === 'string' && /^0*$/.test(value));
}

/** Reads nanoseconds since 1970. Returns undefined for 0, which stands for an unknown time, and for what is no time. */
export function toHrTime(nanoseconds: unknown): HrTime | undefined {
  if (typeof nanoseconds === 'string' && /^\d{10,19}$/.test(nanoseconds))
    return [Number(nanoseconds.slice(0, -9)), Number(nanoseconds.slice(-9))];
  const total = bigintOf(nanoseconds);
  if (total === undefined || total <= 0n) return undefined;
  return [Number(total / 1_000_000_000n), Number(total % 1_000_000_000n)];
}

/** Reads a 64-bit integer: JavaScript exporters write a number, others a text. */
export function bigintOf(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}
