/** Reads the secret that follows a name, and decides whether the text there is one. */
import {
  hasMixedCase,
  isMixed,
  isRandom,
  isSurelyPassword,
  looksLikePassword,
} from './checks/random-token.js';
import { isClockTime } from './checks/checksums.js';
import type { ValueRange } from './named-values.js';

/** Values that are placeholders, types, or words of a sentence about passwords. */
const NO_SECRET =
  /^(?:null|none|nil|undefined|true|false|string|str|text|number|boolean|bool|bytes|any|int|integer|required|optional|hidden|redacted|secret|password|passwd|passwort|token|value|example|invalid|wrong|incorrect|empty|expired|missing|unknown|default|yes|no|disabled|enabled|varchar|file|stdin|prompt|\*+|[•.x]+|your[ _-].{0,60}|my[_-]\w{0,40}|<.{0,80}>|.{0,40}\.\.\.)$/i;
/** A value that is code: a call, a variable, a path, a member. */
const CODE =
  /[([{]|^[$<!~/%@]|^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+$|^[A-Za-z_$][\w$]*(?:::|->)\w|:\/\//;
const QUOTED_CODE = /\$\{|\{\{|^<[^>]*>$|^\$[A-Za-z_]\w*$|^%\(?\w*\)?[sd%]$|[:?]\s*$|^\$\(/;
/** A text that names a password is a label: `"password": "Passwort vergessen"`. */
const LABEL = /passwor[dt]|contraseñ|mot de passe|kennwort|senha|wachtwoord|lösenord|пароль/i;

/** A fraction, a percentage, a date, a time. */
const NUMBER = /^\d+(?:[.,:/]\d+)+%?$|^\d+[^\0-\x7f]|^\d+%$|^\d{4}-\d\d-\d\d$/;

const QUOTED = /(["'`])((?:\\.|(?!\1)[^\\\n]){1,500})/y;
/** A quote in a text that is quoted itself: `{\"password\":\"…\"}`. */
const ESCAPED = /\\{1,3}(["'])((?:(?!\\+\1)[^\n]){1,500})(?=\\+\1)/y;
const BRACED = /\{([^{}\s$"':]{4,200})\}/y;
const BARE = /[^\s"'`,;)}<>\\]{1,500}/y;

interface Value extends ValueRange {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Returns the text at a position, without its quotes, or without the punctuation that ends a sentence. */
export function valueAt(text: string, at: number): Value | undefined {
  for (const pattern of [ESCAPED, QUOTED, BRACED]) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) continue;
    const value = match[2] ?? match[1] ?? '';
    const start = at + match[0].lastIndexOf(value);
    // Markdown encloses code in backticks.
    return { text: value, start, end: start + value.length, isQuoted: match[1] !== '`' };
  }
  BARE.lastIndex = at;
  const [bare = ''] = BARE.exec(text) ?? [];
  const value = bare.replace(/&[\w.-]{1,40}=.*$/s, '').replace(/[.:?…。，！]+$/u, '');
  return value === '' ? undefined : { text: value, start: at, end: at + value.length, isQuoted: false };
}

/** Returns the range of a password that a sign or a word such as "is" assigns. A bare one has a digit, or a symbol among letters. */
export function passwordAt(text: string, at: number): ValueRange | undefined {
  const value = valueAt(text, at);
  if (value === undefined || !isValue(value) || value.text.length < 4) return undefined;
  if (!value.isQuoted && NUMBER.test(value.text)) return undefined;
  if (/\d/.test(value.text) || /[\p{L}\d][!#$%&*^?@+][\p{L}\d]/u.test(value.text)) return value;
  return value.isQuoted && value.text.length >= 8 && !LABEL.test(value.text) ? value : undefined;
}

/** Returns the range of a password whose variable is named for it: `DB_PASSWORD=swordfish`. */
export function variableAt(text: string, at: number): ValueRange | undefined {
  const value = valueAt(text, at);
  return value !== undefined && isValue(value) && value.text.length >= 4 && !/^[A-Z_]+$/.test(value.text)
    ? value
    : undefined;
}

/** Returns the range of a password in quotes. A label of a form names the password: `"password": "Passwort"`. */
export function literalAt(text: string, at: number): ValueRange | undefined {
  const value = variableAt(text, at);
  return value !== undefined && !LABEL.test(text.slice(value.start, value.end)) ? value : undefined;
}

/** Returns the range of a password right here, without a sign in front. */
export function passwordHere(text: string, at: number): ValueRange | undefined {
  const value = valueAt(text, at);
  return value !== undefined && isValue(value) && looksLikePassword(value.text) ? value : undefined;
}

/** Returns the range of a value of an option of a command. */
export function optionAt(text: string, at: number): ValueRange | undefined {
  const value = valueAt(text, at);
  if (value === undefined || !isValue(value) || value.text.length < 4) return undefined;
  return value.isQuoted || /\d|[!#%&*^?@+]/.test(value.text) ? value : undefined;
}

/** Returns the range of a key or token, which has a digit. Digits alone are mostly a count: `max_tokens: 4096`. */
export function keyAt(text: string, at: number): ValueRange | undefined {
  const value = valueAt(text, at);
  if (value === undefined || value.text.length < 6 || !isValue(value)) return undefined;
  if (hasMixedCase(value.text)) return value;
  if (isClockTime(value.text)) return undefined;
  if (/^[a-z\d]+(?::[a-z\d]+)+$/.test(value.text) && !value.isQuoted) return undefined;
  return /\d/.test(value.text) && (/\p{L}/u.test(value.text) || value.text.length >= 12) ? value : undefined;
}

/** Returns a reader of random values of a length, for names that are not only those of secrets. */
export function mixedAt(minLength: number): (text: string, at: number) => ValueRange | undefined {
  return (text, at) => {
    const value = keyAt(text, at);
    return value !== undefined &&
      value.end - value.start >= minLength &&
      isMixed(text.slice(value.start, value.end))
      ? value
      : undefined;
  };
}

const WORD = /[ \t]{1,3}(?=\S)/y;

/** Returns a reader of the words of the same line: the first of them that is accepted. */
export function amongWords(
  count: number,
  accept: (text: string) => boolean,
): (text: string, at: number) => ValueRange | undefined {
  return (text, at) => {
    let from = at;
    for (let word = 0; word < count; word += 1) {
      WORD.lastIndex = from;
      const [gap] = WORD.exec(text) ?? [];
      if (gap === undefined) return undefined;
      const value = valueAt(text, from + gap.length);
      if (value === undefined) return undefined;
      if (isValue(value) && accept(value.text) && !/^[:=([]/.test(text.slice(value.end, value.end + 1)))
        return value;
      BARE.lastIndex = from + gap.length;
      const [bare = ''] = BARE.exec(text) ?? [];
      from += gap.length + Math.max(bare.length, 1);
      if (/[.;!?]$/.test(bare)) return undefined;
    }
    return undefined;
  };
}

export const surePassword = amongWords(6, isSurelyPassword);
export const mixedToken = amongWords(
  5,
  (word) => word.length >= 16 && isMixed(word) && /^[\w+/=.~:-]+$/.test(word),
);

function isValue({ text, isQuoted }: Value): boolean {
  if (isRandom(text)) return true;
  return !NO_SECRET.test(text) && !(isQuoted ? QUOTED_CODE : CODE).test(text);
}
