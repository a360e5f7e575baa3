import type { PropertyValue } from '../../../records/model/prompt-record.js';
import { describeInput, type ValidationError } from '../../model/intake/validation-error.js';
import { isRecord, type UnknownRecord } from '../../../common/unknown-values.js';
import { readDateTime } from './date-time.js';

/** Deepest nesting of `properties`, so that everything that reads them later may recurse. */
const MAX_DEPTH = 64;

const NO_PROPERTIES: Readonly<Record<string, PropertyValue>> = Object.freeze({});

/**
 * Reads the fields of the items of a request, one item after the other, and collects validation errors in the words of pydantic. After an
 * error it returns a placeholder, so that one pass finds every mistake. `null` counts as absent, because the Python SDK sends it for
 * absent fields.
 */
export class FieldReader {
  readonly errors: ValidationError[] = [];
  #item: UnknownRecord = NO_PROPERTIES;
  #index = 0;

  /** Begins an item. If it is no object, adds an error and returns false. */
  begin(given: unknown, index: number): boolean {
    this.#index = index;
    if (isRecord(given)) {
      this.#item = given;
      return true;
    }
    this.errors.push({
      type: 'model_attributes_type',
      loc: ['body', index],
      msg: 'Input should be a valid dictionary or object to extract fields from',
      input: describeInput(given),
    });
    return false;
  }

  requiredText(name: string, minLength = 0): string {
    const value = this.#item[name];
    if (value === undefined) this.#fail(name, 'missing', 'Field required', this.#item);
    else if (typeof value !== 'string')
      this.#fail(name, 'string_type', 'Input should be a valid string', value);
    else if (value.length < minLength)
      this.#fail(name, 'string_too_short', 'String should have at least 1 character', value);
    else return value;
    return '';
  }

  text(name: string): string | undefined {
    const value = this.#item[name];
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
    return this.#fail(name, 'string_type', 'Input should be a valid string', value);
  }

  number(name: string): number | undefined {
    const value = this.#item[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (typeof value !== 'string')
      return this.#fail(name, 'float_type', 'Input should be a valid number', value);
    // pydantic accepts numbers in strings as well.
    if (value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
    const problem = 'Input should be a valid number, unable to parse string as a number';
    return this.#fail(name, 'float_parsing', problem, value);
  }

  /** Returns a time in UTC as ISO 8601. */
  dateTime(name: string): string | undefined {
    const value = this.#item[name];
    if (value === undefined || value === null) return undefined;
    const time = readDateTime(value);
    if (time !== undefined) return time;
    const type = typeof value === 'string' ? 'datetime_from_date_parsing' : 'datetime_type';
    return this.#fail(name, type, 'Input should be a valid datetime (ISO 8601)', value);
  }

  object(name: string): Readonly<Record<string, PropertyValue>> {
    const value = this.#item[name];
    if (value === undefined || value === null) return {};
    if (!isRecord(value)) this.#fail(name, 'dict_type', 'Input should be a valid dictionary', value);
    else if (isTooDeep(value, MAX_DEPTH))
      this.#fail(name, 'recursion_loop', `Input should be nested ${MAX_DEPTH} levels deep at most`, value);
    else return value as Record<string, PropertyValue>;
    return NO_PROPERTIES;
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.#item[name];
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
    return this.#fail(name, 'list_type', 'Input should be a valid list of strings', value);
  }

  oneOf<T extends string>(name: string, names: readonly T[]): T | undefined {
    const value = this.#item[name];
    const found = names.find((one) => one === value);
    if (found !== undefined) return found;
    const quoted = names.map((one) => `'${one}'`).join(' or ');
    return this.#fail(name, 'literal_error', `Input should be ${quoted}`, value);
  }

  #fail(name: string, type: string, msg: string, input: unknown): undefined {
    this.errors.push({ type, loc: ['body', this.#index, name], msg, input: describeInput(input) });
  }
}

/** Reads values as `JSON.parse()` returns them. */
function isTooDeep(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  if (Array.isArray(value)) return value.some((member) => isTooDeep(member, left - 1));
  for (const name in value) if (isTooDeep((value as UnknownRecord)[name], left - 1)) return true;
  return false;
}
