import { toSearchable } from '../../model/search-text.js';
import { createTermTest } from '../../query/match-term.js';
import { associate, type Associations } from './associations.js';
import { groupWords } from './group-words.js';
import { divideByLanguage, type LanguageTexts } from './languages.js';
import { Pacer } from './pacer.js';
import { languagesOfStopWord } from './stop-words/stop-words.js';
import { readVocabulary, type Vocabulary } from './vocabulary.js';

/** With fewer texts, what two of them share is chance. */
export const MIN_TEXTS = 20;
/** Fewest texts of a topic, and their least share of all. */
export const MIN_TOPIC_TEXTS = 3;
export const MIN_TOPIC_SHARE = 0.01;
/** Words of one language that are grouped: those with the most texts. */
const MAX_GROUPED = 250;
/** Words whose company differs less from that of any word, compared with the median word, are about everything. */
const MIN_DISTINCTNESS = 0.3;
/** Terms of a topic. */
const MAX_TERMS = 10;
/** Share of the texts of a term that other words, if there are any, have to assign to its topic. */
const MIN_PRECISION = 0.5;
/** Two topics that share this part of the smaller one are one. */
export const MAX_OVERLAP = 0.4;

/** A group of words that occur in the same texts. */
export interface FoundTopic {
  /** A text that has one of them belongs to the topic. In the form of `toSearchable()`, the most frequent first. */
  readonly terms: readonly string[];
  /** ISO 639 of the texts that it was found in; empty if it cannot be told. */
  readonly language: string;
  /** Indices of the texts that belong to it, ascending. */
  readonly members: readonly number[];
}

/**
 * Groups texts by the words that occur together, without any service. The same texts give the same topics, in any order. Texts may belong to
 * several topics, or to none.
 *
 * 1. The words are read, in any script, and the texts divided by language.
 * 2. Words with which people ask about anything are left out, by lists, and words with average company, by their distinctness.
 * 3. Words with similar company are grouped, and the texts that have them.
 */
export async function findTopics(
  texts: readonly string[],
  pacer = new Pacer(),
): Promise<readonly FoundTopic[]> {
  if (texts.length < MIN_TEXTS) return [];
  const vocabulary = await readVocabulary(texts, pacer);
  const groups: FoundTerms[] = [];
  for (const language of await divideByLanguage(vocabulary.words, vocabulary.texts, pacer))
    groups.push(...(await findInLanguage(vocabulary, language, pacer)));
  const searchable: string[] = [];
  for (const text of texts) {
    searchable.push(toSearchable(text));
    await pacer.rest();
  }
  const topics: FoundTopic[] = [];
  for (const { terms, language } of groups) {
    const members = await membersOf(terms, searchable, pacer);
    topics.push({ terms, language, members });
  }
  const least = Math.max(MIN_TOPIC_TEXTS, MIN_TOPIC_SHARE * texts.length);
  return joinOverlapping(topics, texts.length)
    .filter(({ members }) => members.length >= least)
    .sort((a, b) => b.members.length - a.members.length || compareTerms(a, b));
}

/** Returns the indices of the texts that have one of the terms. @param searchable as `toSearchable()` writes them */
export async function membersOf(
  terms: readonly string[],
  searchable: readonly string[],
  pacer: Pacer,
): Promise<readonly number[]> {
  const tests = terms.map(createTermTest);
  const members: number[] = [];
  for (const [index, text] of searchable.entries()) {
    if (tests.some((isFound) => isFound(text))) members.push(index);
    await pacer.rest();
  }
  return members;
}

type FoundTerms = Pick<FoundTopic, 'terms' | 'language'>;

async function findInLanguage(
  { words, texts }: Vocabulary,
  { language, members }: LanguageTexts,
  pacer: Pacer,
): Promise<readonly FoundTerms[]> {
  const isStopWord = words.map((word) => {
    const languages = languagesOfStopWord(word);
    return language === '' ? languages.length > 0 : languages.includes(language);
  });
  const telling = members.map((index) =>
    (texts[index] ?? new Uint32Array()).filter((word) => isStopWord[word] !== true),
  );
  const found = await associate(telling, pacer);
  const places = distinctPlaces(found);
  const groups = await groupWords(
    places.map((place) => found.profiles[place] as Float32Array),
    places.map((place) => found.frequencies[place] ?? 0),
    pacer,
  );
  const byWord = new Map(
    groups.flatMap((group, index) =>
      group.map((at): [number, number] => [found.words[places[at] ?? 0] ?? 0, index]),
    ),
  );
  const precisions = await precisionsOf(telling, byWord, pacer);
  return groups.flatMap((group) => {
    const numbers = group.map((at) => found.words[places[at] ?? 0] ?? 0);
    const terms = numbers.filter((word) => (precisions.get(word) ?? 1) >= MIN_PRECISION).slice(0, MAX_TERMS);
    return terms.length === 0 ? [] : [{ terms: terms.map((word) => words[word] ?? ''), language }];
  });
}

/** Returns the words that are about something, the most frequent first. */
function distinctPlaces({ words, distinctness }: Associations): readonly number[] {
  const sorted = Array.from(distinctness).sort((a, b) => a - b);
  const least = MIN_DISTINCTNESS * (sorted[Math.floor(sorted.length / 2)] ?? 0);
  return words
    .map((_, place) => place)
    .filter((place) => (distinctness[place] ?? 0) >= Math.min(least, Number.MAX_VALUE))
    .slice(0, MAX_GROUPED);
}

/** Returns for each word the share of its texts, among those with other grouped words, in which most of these are of its own group. */
async function precisionsOf(
  texts: readonly Uint32Array[],
  groups: ReadonlyMap<number, number>,
  pacer: Pacer,
): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, { own: number; all: number }>();
  for (const text of texts) {
    await pacer.rest();
    const grouped = [...text].filter((word) => groups.has(word));
    if (grouped.length < 2) continue;
    const sizes = new Map<number, number>();
    for (const word of grouped) {
      const group = groups.get(word) ?? -1;
      sizes.set(group, (sizes.get(group) ?? 0) + 1);
    }
    for (const word of grouped) {
      const own = groups.get(word) ?? -1;
      const others = Math.max(...[...sizes].map(([group, size]) => (group === own ? 0 : size)));
      const count = counts.get(word) ?? { own: 0, all: 0 };
      counts.set(word, {
        own: count.own + ((sizes.get(own) ?? 1) - 1 >= others ? 1 : 0),
        all: count.all + 1,
      });
    }
  }
  return new Map([...counts].map(([word, { own, all }]) => [word, own / all]));
}

/** Joins topics that are about the same texts, the larger ones first. */
function joinOverlapping(topics: readonly FoundTopic[], texts: number): readonly FoundTopic[] {
  const joined: FoundTopic[] = [];
  for (const topic of topics.toSorted((a, b) => b.members.length - a.members.length || compareTerms(a, b))) {
    const index = joined.findIndex((larger) => areOne(larger, topic, texts));
    const larger = joined[index];
    if (!larger) joined.push(topic);
    else
      joined[index] = {
        ...larger,
        terms: [...larger.terms, ...topic.terms].slice(0, MAX_TERMS),
        members: [...new Set([...larger.members, ...topic.members])].sort((a, b) => a - b),
      };
  }
  return joined;
}

/** Two topics are one if they share more texts than their sizes make likely. */
function areOne(larger: FoundTopic, { members }: FoundTopic, texts: number): boolean {
  const inLarger = new Set(larger.members);
  const share = members.filter((index) => inLarger.has(index)).length / members.length;
  return share >= MAX_OVERLAP && share >= (2 * larger.members.length) / texts;
}

function compareTerms(a: FoundTerms, b: FoundTerms): number {
  return a.terms.join('\n') < b.terms.join('\n') ? -1 : 1;
}
