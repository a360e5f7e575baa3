import { ATTR_TRUBRICS_RECORD } from '../../../../common/semconv.js';
import { isRecord } from '../../../../common/unknown-values.js';
import { bigintOf, fieldOf, objectsIn, type JsonObject } from './json-fields.js';

/** Deepest nesting of an attribute value. Deeper ones come from attacks, not from instrumentations. */
export const MAX_VALUE_DEPTH = 32;

/** Parts of a request that were left out, so that the rest could be read. */
export interface Losses {
  /** Spans or log records without a valid trace id and span id. */
  withoutIds: number;
  /** Spans or log records, and groups of them, that cannot be read. */
  unreadable: number;
  /** Values that are malformed or nested too deep: most are of attributes. */
  values: number;
}

export function noLosses(): Losses {
  return { withoutIds: 0, unreadable: 0, values: 0 };
}

/** Attributes that are being read. */
export class Attributes {
  readonly losses: Losses;
  readonly values: Record<string, unknown> = {};

  constructor(losses: Losses) {
    this.losses = losses;
  }

  set(key: string, value: unknown): void {
    // Any value but true was meant to say that nothing is recorded, also one that cannot be read. So was any of several values.
    if (key === ATTR_TRUBRICS_RECORD) this.values[key] = value === true && this.values[key] !== false;
    // Assignment would set the prototype.
    else if (key === '__proto__')
      Object.defineProperty(this.values, key, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else this.values[key] = value;
  }
}

/** Reads a list of attributes. What is malformed in it is left out and counted. */
export function toAttributes(pairs: unknown, losses: Losses, depth = 0): Record<string, unknown> {
  const attributes = new Attributes(losses);
  for (const { key, value } of objectsIn(pairs, () => (losses.values += 1)))
    if (typeof key === 'string') attributes.set(key, toValue(value, losses, depth));
    else losses.values += 1;
  return attributes.values;
}

/** Returns undefined for bytes, because records hold no binary content, and for what cannot be read, which is counted. */
export function toValue(value: unknown, losses: Losses, depth: number): unknown {
  if (value === undefined || value === null) return undefined;
  const read = isRecord(value) && depth <= MAX_VALUE_DEPTH ? readValue(value, losses, depth) : MALFORMED;
  if (read !== MALFORMED) return read;
  losses.values += 1;
  return undefined;
}

const MALFORMED = Symbol('malformed');

/** Reads the first kind of value that is set. A value of an unknown kind is undefined. */
function readValue(value: JsonObject, losses: Losses, depth: number): unknown {
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

/** JSON of protobuf writes numbers that JSON lacks as text: `NaN`, `Infinity`, `-Infinity`. */
function doubleOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? undefined : number;
}
