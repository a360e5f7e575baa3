/** Guards for values of other libraries, whose types cannot be relied on. */

export type UnknownRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NOTHING: UnknownRecord = Object.freeze({});
const NONE: readonly unknown[] = Object.freeze([]);

/** Returns the object itself; an empty one if `value` is not an object. */
export function asRecord(value: unknown): UnknownRecord {
  return isRecord(value) ? value : NOTHING;
}

export function isEmpty(record: UnknownRecord): boolean {
  for (const _ in record) return false;
  return true;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NONE;
}

/** Returns whether a value has a method of this name, as its own or inherited. */
export function hasMethod<Name extends string>(
  value: unknown,
  name: Name,
): value is Readonly<Record<Name, (...args: unknown[]) => unknown>> {
  const candidate = value as UnknownRecord | null | undefined;
  return typeof candidate?.[name] === 'function';
}

/** Reads a member of a foreign object. A getter that throws has no value. */
export function readMember(source: object | undefined, name: string): unknown {
  try {
    return (source as UnknownRecord | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** Returns the value of a JSON text; `undefined` if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the `code` of a Node error, such as "ENOENT". */
export function codeOf(error: unknown): unknown {
  return asRecord(error)['code'];
}

/** `Array.isArray()`, which does not tell readonly arrays from other members of a union. */
export function isList<T>(value: T): value is Extract<T, readonly unknown[]> {
  return Array.isArray(value);
}

/** Returns the entry of `name`. Safe for names from outside, such as "constructor", which every object inherits. */
export function lookUp<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Returns a non-empty string; `undefined` for everything else. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns a non-empty string, cut to at most `length` UTF-16 units; `undefined` for everything else. */
export function asShortText(value: unknown, length: number): string | undefined {
  const text = asText(value);
  return text === undefined ? undefined : cut(text, length);
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Returns the non-empty strings of a list. A single string counts as a list of one. */
export function asStrings(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return asArray(value).filter((item): item is string => typeof item === 'string' && item !== '');
}

/** Cuts a text to at most `length` UTF-16 units, without splitting a surrogate pair. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? length - 1 : length;
  return text.slice(0, end);
}

/** Returns the kind of a value in words, for messages: "a string", "an object of the class Money". Never its content. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  try {
    const { constructor } = value;
    const name = typeof constructor === 'function' ? constructor.name : '';
    return name === '' || name === 'Object' ? 'an object' : `an object of the class ${cut(name, 100)}`;
  } catch {
    return 'an object';
  }
}
