import { boundsOf } from '../../../query/match-term.js';

/** White space of JavaScript's `\\s`, for RE2, whose own is that of ASCII. */
export const WHITE_SPACE = String.raw`[\s\x0b\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}]+`;

/** SQL of the question, as `askedText()` returns it. */
export const ASKED_TEXT = `if(kind = 'prompt', prompt,
  if(startsWith(properties['prompt'], '"'), JSONExtractString(properties['prompt']), ''))`;

/** SQL of the question in the form of `toSearchable()`, except for white space. */
export const SEARCHABLE_ASKED_TEXT = `lowerUTF8(normalizeUTF8NFC(${ASKED_TEXT}))`;

const PART_OF_WORD = String.raw`\p{L}\p{N}\p{M}`;

/** Returns the pattern of RE2 that finds a term as `createTermTest()` does. */
export function termPattern(term: string): string {
  const { startsWord, endsWord } = boundsOf(term);
  const words = term.split(' ').map(escapePattern).join(WHITE_SPACE);
  return `${startsWord ? `(?:^|[^${PART_OF_WORD}])` : ''}${words}${endsWord ? `(?:$|[^${PART_OF_WORD}])` : ''}`;
}

export function escapePattern(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
