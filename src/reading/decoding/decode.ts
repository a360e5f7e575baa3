import { parsePartialJson } from './partial-json.js';

/** A content attribute, decoded. */
export interface Decoded {
  readonly value: unknown;
  /** Whether it was JSON that ended too early. */
  readonly cut: boolean;
}

/** Above this many characters a text is not parsed whole, so that one giant span cannot hold up the event loop. */
const MAX_JSON_LENGTH = 16_000_000;

/**
 * Decodes what a library wrote as content: a structured value as it is, JSON parsed (also when it was encoded twice, or cut
 * off), any other text as that text.
 */
export function decode(value: unknown): Decoded {
  if (typeof value !== 'string') return { value, cut: false };
  const decoded = decodeText(value);
  // Some libraries encode twice: a JSON string that holds JSON.
  if (typeof decoded.value === 'string' && decoded.value !== value && looksLikeJson(decoded.value)) {
    return decodeText(decoded.value);
  }
  return decoded;
}

/** Tool-call arguments: parsed where they are JSON of an object or array, else the text as it came. */
export function decodeArguments(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (!looksLikeJson(value)) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'string' && looksLikeJson(parsed) ? JSON.parse(parsed) : parsed;
  } catch {
    return value;
  }
}

function decodeText(text: string): Decoded {
  if (!looksLikeJson(text)) return { value: text, cut: false };
  if (text.length > MAX_JSON_LENGTH) return decodePartial(text.slice(0, MAX_JSON_LENGTH), text);
  try {
    return { value: JSON.parse(text), cut: false };
  } catch {
    return decodePartial(text, text);
  }
}

function decodePartial(text: string, original: string): Decoded {
  const partial = parsePartialJson(text);
  // A text that begins with a quotation mark is no JSON for that.
  const isText = typeof partial?.value === 'string' && !looksLikeJson(partial.value);
  return partial && !isText ? partial : { value: original, cut: false };
}

function looksLikeJson(text: string): boolean {
  const first = text.charCodeAt(0);
  // Most JSON starts at once; only then is the slower look past white space worth it.
  if (first === OBJECT || first === ARRAY || first === QUOTE) return true;
  return first <= SPACE && /^\s*["[{]/.test(text);
}

const SPACE = 0x20;
const QUOTE = 0x22;
const ARRAY = 0x5b;
const OBJECT = 0x7b;
