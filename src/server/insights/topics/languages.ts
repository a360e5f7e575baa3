import type { Pacer } from './pacer.js';
import { languagesOfStopWord } from './stop-words/stop-words.js';

/** A language of fewer texts is taken for another one that has the same words. */
const MIN_TEXTS = 3;
const MIN_SHARE = 0.01;

/** Texts of one language. */
export interface LanguageTexts {
  /** ISO 639; empty if the texts have no word that tells. */
  readonly language: string;
  /** Indices of texts. */
  readonly members: readonly number[];
}

/**
 * Divides texts by language: the one that most of their function words belong to. A text without any goes to the language in which the
 * other texts use its words.
 *
 * @param words words by number
 * @param texts the distinct words of each text, by number
 */
export async function divideByLanguage(
  words: readonly string[],
  texts: readonly Uint32Array[],
  pacer: Pacer,
): Promise<readonly LanguageTexts[]> {
  const lists = words.map(languagesOfStopWord);
  const counts = new Map<string, number>();
  for (const text of texts) {
    const language = bestOf(countFunctionWords(lists, text));
    counts.set(language, (counts.get(language) ?? 0) + 1);
    await pacer.rest();
  }
  const least = Math.max(MIN_TEXTS, MIN_SHARE * texts.length);
  const used = lists.map((names) => names.filter((name) => (counts.get(name) ?? 0) >= least));
  const languages: string[] = [];
  for (const text of texts) {
    languages.push(bestOf(countFunctionWords(used, text), counts));
    await pacer.rest();
  }
  const votes = await countVotes(texts, languages, pacer);
  const members = new Map<string, number[]>();
  for (const [index, text] of texts.entries()) {
    const language = languages[index] || bestOf(sumVotes(text, votes), counts);
    const indices = members.get(language) ?? [];
    if (indices.push(index) === 1) members.set(language, indices);
    await pacer.rest();
  }
  return [...members].map(([language, indices]) => ({ language, members: indices })).sort(byName);
}

function byName(a: LanguageTexts, b: LanguageTexts): number {
  return a.language < b.language ? -1 : 1;
}

/** Weighs each word the less, the more languages have it. */
function countFunctionWords(
  lists: readonly (readonly string[])[],
  text: Uint32Array,
): ReadonlyMap<string, number> {
  const scores = new Map<string, number>();
  for (const word of text) {
    const languages = lists[word] ?? [];
    for (const language of languages)
      scores.set(language, (scores.get(language) ?? 0) + 1 / languages.length);
  }
  return scores;
}

/** Counts in which languages each word occurs. */
async function countVotes(
  texts: readonly Uint32Array[],
  languages: readonly string[],
  pacer: Pacer,
): Promise<ReadonlyMap<number, ReadonlyMap<string, number>>> {
  const votes = new Map<number, Map<string, number>>();
  for (const [index, text] of texts.entries()) {
    const language = languages[index] ?? '';
    if (language === '') continue;
    for (const word of text) {
      const counts = votes.get(word) ?? new Map<string, number>();
      votes.set(word, counts.set(language, (counts.get(language) ?? 0) + 1));
    }
    await pacer.rest();
  }
  return votes;
}

function sumVotes(
  text: Uint32Array,
  votes: ReadonlyMap<number, ReadonlyMap<string, number>>,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const word of text)
    for (const [language, count] of votes.get(word) ?? [])
      sums.set(language, (sums.get(language) ?? 0) + count);
  return sums;
}

/** Returns the name with the highest score; of several, that with the most texts, then the first; empty if there is none. */
function bestOf(scores: ReadonlyMap<string, number>, texts: ReadonlyMap<string, number> = new Map()): string {
  let best = '';
  for (const [name, score] of scores) {
    const difference = score - (scores.get(best) ?? 0) || (texts.get(name) ?? 0) - (texts.get(best) ?? 0);
    if (best === '' || difference > 0 || (difference === 0 && name < best)) best = name;
  }
  return best;
}
