import { parsePartialJson } from './partial-json.js';
import { decodePythonLiteral } from './python-literal.js';

/** A decoded content attribute. */
export interface Decoded {
  readonly value: unknown;
  /** True if the value was JSON without its end. */
  readonly cut: boolean;
}

/** Characters of JSON that are parsed. Longer text is cut, so that one huge span cannot block the event loop. */
const MAX_JSON_LENGTH = 16_000_000;

/**
 * Decodes the content that a library wrote. JSON is parsed, also if it was encoded twice or cut; a structured value and any other text
 * are returned unchanged.
 */
export function decode(value: unknown): Decoded {
  if (typeof value !== 'string') return { value, cut: false };
  const decoded = decodeText(value);
  // Some libraries encode twice: a JSON string that contains JSON.
  if (typeof decoded.value === 'string' && decoded.value !== value && looksLikeJson(decoded.value)) {
    return decodeText(decoded.value);
  }
  return decoded;
}

/** Decodes the arguments of a tool call. Text that is not valid JSON is returned unchanged. */
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
    return PYTHON_MESSAGES.test(text)
      ? { value: decodePythonLiteral(text) ?? text, cut: false }
      : decodePartial(text, text);
  }
}

/** Beginning of messages that Python's `str()` wrote, in place of JSON. */
const PYTHON_MESSAGES = /^\s*[[{]{1,2}'(?:role|content|parts|type|messages)'/;

function decodePartial(text: string, original: string): Decoded {
  const partial = parsePartialJson(text);
  // A plain text may begin with a quotation mark; it is not cut JSON.
  const isText = typeof partial?.value === 'string' && !looksLikeJson(partial.value);
  return partial && !isText ? partial : { value: original, cut: false };
}

function looksLikeJson(text: string): boolean {
  const first = text.charCodeAt(0);
  // Most JSON begins without white space: the regular expression is only for the rest.
  if (first === OBJECT || first === ARRAY || first === QUOTE) return true;
  return first <= SPACE && /^\s*["[{]/.test(text);
}

const SPACE = 0x20;
const QUOTE = 0x22;
const ARRAY = 0x5b;
const OBJECT = 0x7b;
