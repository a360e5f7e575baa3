/** Scripts without spaces between words. `U+30FC` is the long vowel of Japanese. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30FC]/u;
const PART_OF_WORD = /[\p{L}\p{N}\p{M}]/u;

/** A term of this many letters is found with any ending: `order` in “ordered”. A shorter one is a whole word. */
export const MIN_STEM = 5;

/** Returns true if words of this script are written without spaces between them. */
export function isUnspaced(text: string): boolean {
  return UNSPACED.test(text);
}

/** Rule for where the words of a text begin and end for a term. */
export interface TermBounds {
  readonly startsWord: boolean;
  readonly endsWord: boolean;
}

/** Returns where a term has to begin and end. In scripts without spaces: anywhere. */
export function boundsOf(term: string): TermBounds {
  return {
    startsWord: !isUnspaced(firstCharacter(term)),
    endsWord: !isUnspaced(lastCharacter(term)) && Array.from(term).length < MIN_STEM,
  };
}

/** Returns a test for texts, as `toSearchable()` writes them, that have a term as a word or, from {@link MIN_STEM} letters on, at its beginning. */
export function createTermTest(term: string): (text: string) => boolean {
  const { startsWord, endsWord } = boundsOf(term);
  const isMatch = (text: string, at: number): boolean => {
    if (startsWord && at > 0 && PART_OF_WORD.test(lastCharacter(text.slice(Math.max(0, at - 2), at))))
      return false;
    const end = at + term.length;
    return !endsWord || end >= text.length || !PART_OF_WORD.test(firstCharacter(text.slice(end, end + 2)));
  };
  return (text) => {
    for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at + 1))
      if (isMatch(text, at)) return true;
    return false;
  };
}

function firstCharacter(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0x20);
}

function lastCharacter(text: string): string {
  return Array.from(text).at(-1) ?? ' ';
}
