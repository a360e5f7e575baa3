/** Parts of rows that many option tables share: `flushAt: { env: trubricsVariable, default: 20, ...count }`. */
import { hasMethod, isRecord } from '../unknown-values.js';

/** A string with more than white space in it. */
export const text = { accepts: 'a non-empty string', check: isText } as const;

/** A boolean. A row with an environment variable also has {@link parseFlag}, which the bundle of `./langchain` does without. */
export const flag = {
  accepts: 'true or false',
  check: (value: unknown) => typeof value === 'boolean',
} as const;

export const count = {
  accepts: 'a whole number above 0',
  check: (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0,
  parse: Number,
} as const;

export function wholeNumberFrom(smallest: number) {
  return {
    accepts: `a whole number from ${smallest} on`,
    check: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= smallest,
  } as const;
}

export const callback = {
  accepts: 'a function',
  check: (value: unknown) => typeof value === 'function',
} as const;

export const record = { accepts: 'an object', check: isRecord } as const;

/** A list of strings. A row with an environment variable also has {@link parseList}. */
export const texts = { accepts: 'an array of strings', check: isTexts } as const;

/** The path of a `directory` or `file`. */
export function filePath(what: string, example: string) {
  return {
    accepts: `the path of a ${what}, for instance "${example}"`,
    check: (value: unknown) => typeof value === 'string' && value !== '',
  } as const;
}

/** A value with certain methods, for instance a `MeterProvider` with `getMeter`. */
export function objectWith(accepts: string, ...methods: readonly string[]) {
  return {
    accepts,
    check: (value: unknown) => methods.every((name) => hasMethod(value, name)),
  } as const;
}

/** One of a few strings. */
export function oneOf(...values: readonly string[]) {
  const quoted = values.map((value) => `"${value}"`);
  return {
    accepts: `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`,
    check: (value: unknown) => typeof value === 'string' && values.includes(value),
  } as const;
}

export function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Returns the environment variable of an option of this package: `TRUBRICS_FLUSH_AT` for `flushAt`. */
export function trubricsVariable(option: string): string {
  return `TRUBRICS_${option.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** Returns the boolean that the text of an environment variable means: true or false, 1/0, yes/no, on/off. Another text stays a text. */
export function parseFlag(value: string): unknown {
  if (/^(?:true|1|yes|on)$/i.test(value)) return true;
  return /^(?:false|0|no|off)$/i.test(value) ? false : value;
}

/** Splits a list at commas; white space around an item does not count, and empty items are left out. */
export function parseList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
