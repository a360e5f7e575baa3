import { isUnspaced, MIN_STEM } from '../../query/match-term.js';
import type { Pacer } from './pacer.js';
import { languagesOfStopWord } from './stop-words/stop-words.js';
import { wordsOfText } from './words-of-text.js';

/** Longest ending by which two forms of a word differ. */
const MAX_ENDING = 2;
/** A stem occurs at least this often for each time of a longer form. */
const MIN_STEM_SHARE = 0.25;

/** The words of many texts, as numbers. */
export interface Vocabulary {
  /** Word by number. */
  readonly words: readonly string[];
  /** For each text, the distinct numbers of its words, ascending. */
  readonly texts: readonly Uint32Array[];
}

/** Reads the words of texts. A word that another one begins with, such as `order` and `orders`, counts as that one. */
export async function readVocabulary(texts: readonly string[], pacer: Pacer): Promise<Vocabulary> {
  const sequences: (readonly string[])[] = [];
  const counts = new Map<string, number>();
  for (const text of texts) {
    const words = wordsOfText(text);
    sequences.push(words);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    await pacer.rest();
  }
  const numbers = new Map<string, number>();
  const words: string[] = [];
  // In sorted order, a stem comes before its forms.
  for (const [index, word] of [...counts.keys()].sort().entries()) {
    const number = numbers.get(stemOf(word, counts)) ?? words.push(word) - 1;
    numbers.set(word, number);
    if (index % 1000 === 0) await pacer.rest();
  }
  const numbered: Uint32Array[] = [];
  for (const sequence of sequences) {
    numbered.push(Uint32Array.from(new Set(sequence.map((word) => numbers.get(word) ?? 0))).sort());
    await pacer.rest();
  }
  return { words, texts: numbered };
}

/** Returns the shortest known word that differs in its ending alone; else the word. A rare stem is a misspelling. */
function stemOf(word: string, counts: ReadonlyMap<string, number>): string {
  if (isUnspaced(word) || languagesOfStopWord(word).length > 0) return word;
  const least = MIN_STEM_SHARE * (counts.get(word) ?? 0);
  for (let length = Math.max(MIN_STEM, word.length - MAX_ENDING); length < word.length; length++) {
    const stem = word.slice(0, length);
    if ((counts.get(stem) ?? 0) >= least) return stem;
  }
  return word;
}
