import { encodeUtf8 } from '../../common/web/utf8.js';

/** Longer texts are not searched by a regular expression, which the engine may refuse to compile. */
const MAX_LENGTH = 256;

/** Backslashes of JSON texts within JSON texts. */
const BACKSLASHES = String.raw`\\{1,15}`;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};

/** No letter or digit of another word, or the end of an escape: `%3D`, `\n`, `\u0022`. */
const BEFORE = String.raw`(?:(?<![\p{L}\p{N}])|(?<=%(?:25)?[\da-f]{2}|\\[bfnrt]|\\u[\da-f]{4}))`;
const AFTER = String.raw`(?![\p{L}\p{N}])`;

/**
 * Returns a pattern for an id as a word of a text: in any case, composed or decomposed, as it is or as URLs, JSON and HTML write it.
 * Underscores and hyphens end a word. `undefined` if the id is too long.
 */
export function idPattern(id: string): RegExp | undefined {
  if (id.length > MAX_LENGTH) return undefined;
  const before = /^[\p{L}\p{N}]/u.test(id) ? BEFORE : '';
  const after = /[\p{L}\p{N}\p{M}]$/u.test(id) ? AFTER : '';
  // Not every text is its own composed form, and a decomposed character is several.
  const forms = new Set([id, id.normalize('NFC')]);
  const spellings = Array.from(forms, (form) => Array.from(form, spellingsOf).join(''));
  return new RegExp(`${before}(?:${spellings.join('|')})${after}`, 'giu');
}

/** Returns a pattern for one character. Only ASCII letters and digits are written in one way. */
function spellingsOf(character: string): string {
  if (/[a-z\d]/i.test(character)) return character;
  const decomposed = character.normalize('NFD');
  const spellings = new Set([
    ...[character, decomposed].flatMap((form) => [literal(form), percentEncoded(form), jsonEscape(form)]),
    ...numericEntities(character),
  ]);
  if (character === ' ') spellings.add(String.raw`\+`);
  if ('"\\/'.includes(character)) spellings.add(BACKSLASHES + (character === '\\' ? '' : character));
  const entity = ENTITIES[character];
  if (entity !== undefined) spellings.add(`&${entity};`);
  return `(?:${[...spellings].join('|')})`;
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** Percent-encoded once or twice. */
function percentEncoded(text: string): string {
  return Array.from(encodeUtf8(text), (byte) => `%(?:25)?${byte.toString(16).padStart(2, '0')}`).join('');
}

function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `${BACKSLASHES}u${unit.toString(16).padStart(4, '0')}`).join('');
}

function numericEntities(character: string): string[] {
  const code = character.codePointAt(0) ?? 0;
  return [`&#0{0,4}${code};`, `&#x0{0,4}${code.toString(16)};`];
}
