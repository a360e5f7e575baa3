import type { PropertyValue } from '../../../records/model/prompt-record.js';
import { describeInput, type ValidationError } from '../../model/validation-error.js';
import { isRecord } from '../../../common/unknown-values.js';

/**
 * Reads the fields of one item and collects validation errors in the words of pydantic. After an error it returns a placeholder, so
 * that one pass finds every mistake. `null` counts as absent, because the Python SDK sends it for absent fields.
 */
export interface FieldReader {
  requiredText(name: string, options?: { readonly minLength: 1 }): string;
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  dateTime(name: string): Date | undefined;
  object(name: string): Record<string, PropertyValue> | undefined;
  texts(name: string): readonly string[] | undefined;
  oneOf<T extends string>(name: string, names: readonly T[]): T | undefined;
}

/** Returns a reader of one item. If the item is no object, adds an error and returns undefined. */
export function fieldReader(
  given: unknown,
  index: number,
  errors: ValidationError[],
): FieldReader | undefined {
  if (!isRecord(given)) {
    errors.push({
      type: 'model_attributes_type',
      loc: ['body', index],
      msg: 'Input should be a valid dictionary or object to extract fields from',
      input: describeInput(given),
    });
    return undefined;
  }
  const item = given;

  function fail(name: string, type: string, msg: string, input: unknown): undefined {
    errors.push({ type, loc: ['body', index, name], msg, input: describeInput(input) });
  }

  function text(name: string): string | undefined {
    const value = item[name];
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
    return fail(name, 'string_type', 'Input should be a valid string', value);
  }

  return {
    text,
    requiredText(name, options) {
      const value = item[name];
      if (value === undefined) fail(name, 'missing', 'Field required', item);
      else if (typeof value !== 'string') fail(name, 'string_type', 'Input should be a valid string', value);
      else if (value.length < (options?.minLength ?? 0))
        fail(name, 'string_too_short', 'String should have at least 1 character', value);
      else return value;
      return '';
    },
    number(name) {
      const value = item[name];
      if (value === undefined || value === null) return undefined;
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      if (typeof value !== 'string') return fail(name, 'float_type', 'Input should be a valid number', value);
      // pydantic accepts numbers in strings as well.
      if (value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
      return fail(
        name,
        'float_parsing',
        'Input should be a valid number, unable to parse string as a number',
        value,
      );
    },
    dateTime(name) {
      const value = item[name];
      if (value === undefined || value === null) return undefined;
      const date = parseDateTime(value);
      if (date) return date;
      const type = typeof value === 'string' ? 'datetime_from_date_parsing' : 'datetime_type';
      return fail(name, type, 'Input should be a valid datetime (ISO 8601)', value);
    },
    object(name) {
      const value = item[name];
      if (value === undefined || value === null) return undefined;
      if (isRecord(value) && isTooDeep(value, MAX_DEPTH))
        return fail(name, 'recursion_loop', `Input should be nested ${MAX_DEPTH} levels deep at most`, value);
      if (isRecord(value)) return value as Record<string, PropertyValue>;
      return fail(name, 'dict_type', 'Input should be a valid dictionary', value);
    },
    texts(name) {
      const value = item[name];
      if (value === undefined || value === null) return undefined;
      if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
      return fail(name, 'list_type', 'Input should be a valid list of strings', value);
    },
    oneOf(name, names) {
      const found = names.find((one) => one === item[name]);
      if (found !== undefined) return found;
      const quoted = names.map((one) => `'${one}'`).join(' or ');
      return fail(name, 'literal_error', `Input should be ${quoted}`, item[name]);
    },
  };
}

/** Deepest nesting of `properties`, so that everything that reads them later may recurse. */
const MAX_DEPTH = 64;

function isTooDeep(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((member) => isTooDeep(member, left - 1));
}

/** pydantic reads numbers above this as milliseconds, others as seconds. */
const MILLISECONDS_FROM = 2e10;
/** The years 0000 to 9999, in milliseconds. Microseconds since 1970 are beyond. */
const [FIRST_TIME, LAST_TIME] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[t _](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+))?\s*(z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** Reads a time as pydantic does: ISO 8601, without a zone in UTC, or a number, also as text. */
function parseDateTime(value: unknown): Date | undefined {
  // As JavaScript writes it: the usual case, which needs no regular expression.
  if (typeof value === 'string' && value.length === 24 && value.endsWith('Z')) {
    const date = new Date(value);
    if (!Number.isNaN(date.getTime()) && date.toISOString() === value) return date;
  }
  const text = typeof value === 'string' ? value.trim() : '';
  if (typeof value === 'number') return fromNumber(value);
  if (/^[+-]?\d+(?:\.\d+)?$/.test(text)) return fromNumber(Number(text));
  const [, day, time = '00:00', fraction = '', zone] = DATE_TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const clock = `${day}T${time.length === 5 ? `${time}:00` : time}`;
  const wall = new Date(`${clock}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  // JavaScript moves 2026-02-30 to March 2nd and 24:00 to the next day.
  if (Number.isNaN(wall.getTime()) || !wall.toISOString().startsWith(clock)) return undefined;
  return new Date(wall.getTime() - offsetMs(zone));
}

function fromNumber(value: number): Date | undefined {
  const ms = Math.abs(value) > MILLISECONDS_FROM ? value : value * 1000;
  return ms >= FIRST_TIME && ms <= LAST_TIME ? new Date(ms) : undefined;
}

function offsetMs(zone = 'Z'): number {
  if (/^z$/i.test(zone)) return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)];
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
