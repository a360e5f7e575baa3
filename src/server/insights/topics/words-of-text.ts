import { toSearchable } from '../../model/search-text.js';
import { isUnspaced } from '../../query/match-term.js';

/** Characters of a text that are looked at. */
const MAX_LENGTH = 4000;
/** A longer word is a key or an address. */
const MAX_WORD = 30;

const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
/** Alphabets in which a word of two letters says little. */
const ALPHABETS = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u;

/** Fixed locale, so that every machine finds the same words. */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * Returns the words of a text in order, as `toSearchable()` writes them, without numbers, ids and words of one letter. The first 4,000
 * characters count.
 */
export function wordsOfText(text: string): readonly string[] {
  const words: string[] = [];
  for (const [run] of toSearchable(text.slice(0, MAX_LENGTH)).matchAll(WORD)) {
    if (!isUnspaced(run)) {
      if (isTelling(run)) words.push(run);
    } else
      for (const { segment, isWordLike } of segmenter.segment(run))
        if (isWordLike === true && isTelling(segment)) words.push(segment);
  }
  return words;
}

function isTelling(word: string): boolean {
  if (word.length < (ALPHABETS.test(word) ? 3 : 2) || word.length > MAX_WORD) return false;
  const digits = word.match(/\p{N}/gu)?.length ?? 0;
  return digits === 0 || (digits <= 2 && digits < word.length / 2);
}
