import { isRecord } from '../../common/unknown-values.js';

/** The attributes of a span, whatever wrote them: every value is looked at before it is believed. */
export type SpanAttributes = Readonly<Record<string, unknown>>;

/** Attributes, and the names of all of them: V8 takes long to list those of a span with a history, so they are listed once. */
export interface NamedAttributes {
  readonly attributes: SpanAttributes;
  readonly names: readonly string[];
}

/** Attributes with their names. */
export function withNames(attributes: SpanAttributes): NamedAttributes {
  return { attributes, names: Object.keys(attributes) };
}

/** The first of `keys` that holds a text which is not empty. */
export function readString(attributes: SpanAttributes, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = toText(attributes[key]);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A text that is not empty. */
export function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first of `keys` that holds an id: a text that is not empty, or a number, as text. */
export function readId(attributes: SpanAttributes, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const id = toId(attributes[key]);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** An id as text: trimmed, and never empty. */
export function toId(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value);
  return undefined;
}

/** The first of `keys` that holds a finite number, or a text of one. NaN is what AI SDK 4 writes for unknown tokens. */
export function readNumber(attributes: SpanAttributes, ...keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const number = toNumber(attributes[key]);
    if (number !== undefined) return number;
  }
  return undefined;
}

/** A finite number, also from text (`"12"`). */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** The first of `keys` that holds a boolean, or the text of one (LiteLLM writes `"False"`). */
export function readBoolean(attributes: SpanAttributes, ...keys: readonly string[]): boolean | undefined {
  for (const key of keys) {
    const boolean = toBoolean(attributes[key]);
    if (boolean !== undefined) return boolean;
  }
  return undefined;
}

/** A boolean, also from text. */
export function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' && /^(?:true|false)$/i.test(value)
    ? value.toLowerCase() === 'true'
    : undefined;
}

/** A list of texts, written as an array, as a JSON array (Mastra, Sentry) or bare (Azure, LangSmith: joined with commas). */
export function toStrings(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string' && item !== '');
  if (typeof value !== 'string' || value === '') return [];
  if (value.startsWith('[')) {
    try {
      return toStrings(JSON.parse(value));
    } catch {
      return [];
    }
  }
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** A plain object, or undefined. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined;
}

/** For values that are looked at later. */
export function asItIs(value: unknown): unknown {
  return value ?? undefined;
}
