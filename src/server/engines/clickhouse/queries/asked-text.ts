import { boundsOf } from '../../../query/match-term.js';
import { WHITE_SPACE } from './white-space.js';

/** What somebody asked, as `askedText()` returns it. */
export const ASKED_TEXT = `if(kind = 'prompt', prompt,
  if(startsWith(properties['prompt'], '"'), JSONExtractString(properties['prompt']), ''))`;

/** The same in the form of `toSearchable()`, but for white space. */
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
