import { isRecord } from '../../common/unknown-values.js';

/** The attributes of a span of any library. Values are unchecked. */
export type SpanAttributes = Readonly<Record<string, unknown>>;

/** Attributes and their names. `Object.keys` is slow for a span with a long history, so it is called once (test/bench/reading.mjs). */
export interface NamedAttributes {
  readonly attributes: SpanAttributes;
  readonly names: readonly string[];
}

/** Lists the names of attributes. */
export function withNames(attributes: SpanAttributes): NamedAttributes {
  return { attributes, names: Object.keys(attributes) };
}

/** Makes a function that returns the value of the first of `keys` that `read` can use. */
function firstOf<T>(
  read: (value: unknown) => T | undefined,
): (attributes: SpanAttributes, ...keys: readonly string[]) => T | undefined {
  return (attributes, ...keys) => {
    for (const key of keys) {
      const value = read(attributes[key]);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

/** Returns the first non-empty text under one of `keys`. */
export const readString = /* @__PURE__ */ firstOf(toText);

/** Returns the first id under one of `keys`: a non-empty text or a number, as trimmed text. */
export const readId = /* @__PURE__ */ firstOf(toId);

/** Returns the first finite number under one of `keys`, also from text. AI SDK 4 writes NaN for unknown token counts. */
export const readNumber = /* @__PURE__ */ firstOf(toNumber);

export function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns an id as trimmed text. `undefined`: empty, or neither text nor number. */
export function toId(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value);
  return undefined;
}

/** Returns a finite number, also from text (`"12"`) and from a bigint. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Returns a boolean, also from text. */
export function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' && /^(?:true|false)$/i.test(value)
    ? value.toLowerCase() === 'true'
    : undefined;
}

/** Returns a list of non-empty texts from an array, a JSON array (Mastra, Sentry), Python's notation of one, or comma-separated text (Azure, LangSmith). */
export function toStrings(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string' && item !== '');
  if (typeof value !== 'string' || value === '') return [];
  const isPython = /^[[(]'/.test(value);
  if (!isPython && value.startsWith('[')) {
    try {
      return toStrings(JSON.parse(value));
    } catch {
      return [];
    }
  }
  return (isPython ? value.replace(/^.|'|.$/g, '') : value)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Returns a value that is an object but no array, otherwise `undefined`. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined;
}

/** Returns the value unread, for fields that are decoded later. `null` becomes `undefined`. */
export function toUnknown(value: unknown): unknown {
  return value ?? undefined;
}
