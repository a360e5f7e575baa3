import { describe, expect, test } from 'vitest';
import { findTopics, type FoundTopic } from '../../../../src/server/insights/topics/find-topics.js';
import { languagesOfStopWord } from '../../../../src/server/insights/topics/stop-words/stop-words.js';
import { shuffled } from '../../../support/random-trace.js';
import { LANGUAGES, longTexts, seededTexts, type LanguageName, type SeededText } from './seeded-texts.js';

const find = (texts: readonly SeededText[]): Promise<readonly FoundTopic[]> =>
  findTopics(texts.map(({ text }) => text));

/** Returns the seeded topic that most members have, and how many of them. */
function mainTopic(topic: FoundTopic, texts: readonly SeededText[]): { name: string; share: number } {
  const counts = new Map<string, number>();
  for (const index of topic.members) {
    const name = texts[index]?.topic ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [name, count] = [...counts].toSorted(([, a], [, b]) => b - a)[0] ?? ['', 0];
  return { name, share: count / topic.members.length };
}

const topicsOf = (language: LanguageName): readonly string[] => Object.keys(LANGUAGES[language].topics);

/** Words of the frames, which are about nothing. */
function frameWords(language: LanguageName): readonly string[] {
  return (
    LANGUAGES[language].frames
      .join(' ')
      .toLowerCase()
      .match(/\p{L}[\p{L}\p{M}]*/gu) ?? []
  );
}

describe('topics of seeded texts', () => {
  for (const language of Object.keys(LANGUAGES) as LanguageName[])
    test(`finds each topic in ${language}, and nothing else`, async () => {
      for (const seed of [1, 2, 3]) {
        const texts = seededTexts(400, { [language]: 1 }, seed);
        const topics = await find(texts);
        const mains = topics.map((topic) => mainTopic(topic, texts));
        expect(new Set(mains.map(({ name }) => name))).toEqual(new Set(topicsOf(language)));
        for (const { share } of mains) expect(share).toBeGreaterThan(0.75);
        const found = new Set(topics.flatMap(({ members }) => members));
        expect(found.size).toBeGreaterThan(0.75 * texts.length);
      }
    });

  test('finds the topics of several languages in one set, also of a language with a tenth of the texts', async () => {
    const texts = seededTexts(1000, { en: 7, de: 1, ja: 1, ar: 1 }, 5);
    const topics = await find(texts);
    const mains = new Set(topics.map((topic) => mainTopic(topic, texts).name));
    expect(mains).toEqual(new Set((['en', 'de', 'ja', 'ar'] as const).flatMap(topicsOf)));
    for (const { language, members } of topics)
      expect(new Set(members.map((index) => texts[index]?.language))).toEqual(new Set([language]));
  });

  test('no word with which people ask about anything becomes a term', async () => {
    const texts = seededTexts(1200, { en: 1, de: 1, ja: 1, ar: 1 }, 7);
    const terms = (await find(texts)).flatMap((topic) => topic.terms);
    expect(terms.length).toBeGreaterThan(20);
    for (const language of ['en', 'de', 'ar'] as const)
      expect(terms.filter((term) => frameWords(language).includes(term))).toEqual([]);
    expect(terms.filter((term) => /^[\p{Script=Hiragana}]+$/u.test(term))).toEqual([]);
    expect(terms.filter((term) => languagesOfStopWord(term).length > 6)).toEqual([]);
  });

  test('the order of the texts does not matter', async () => {
    const texts = seededTexts(300, { en: 1, de: 1 }, 9);
    const terms = (topics: readonly FoundTopic[]): readonly string[][] =>
      topics.map((topic) => [...topic.terms]);
    expect(terms(await find(shuffled(texts, 4)))).toEqual(terms(await find(texts)));
  });

  test('a tenth more texts leave the topics as they are', async () => {
    for (const seed of [11, 12, 13]) {
      const texts = seededTexts(800, { en: 1, de: 1 }, seed);
      const more = [...texts, ...seededTexts(80, { en: 1, de: 1 }, seed + 100)];
      const [before, after] = [await find(texts), await find(more)];
      const named = (topics: readonly FoundTopic[], all: readonly SeededText[]) =>
        new Set(topics.map((topic) => mainTopic(topic, all).name));
      expect(named(after, more)).toEqual(named(before, texts));
      for (const topic of before) {
        const members = new Set(topic.members);
        const overlaps = after.map((other) => {
          const shared = other.members.filter((index) => members.has(index)).length;
          return (
            shared / new Set([...members, ...other.members.filter((index) => index < texts.length)]).size
          );
        });
        expect(Math.max(...overlaps)).toBeGreaterThan(0.7);
      }
    }
  });

  test('topics are found among many other words', async () => {
    const topics = await findTopics(longTexts(1500, 3));
    const terms = new Set(topics.flatMap((topic) => topic.terms));
    for (const word of ['password', 'invoice', 'delivery', 'refund', 'lieferung', 'termin', 'vertrag'])
      expect(terms).toContain(word);
    expect([...terms].filter((term) => /^w[a-z]*ord$/.test(term))).toEqual([]);
  });
});

test('fewer than 20 texts have no topics', async () => {
  const texts = Array.from({ length: 40 }, (_, index) =>
    index % 2 === 0 ? 'refund order' : 'login password',
  );
  expect(await findTopics(texts.slice(0, 19))).toEqual([]);
  expect(await findTopics(texts.slice(0, 20))).toMatchObject([
    { members: { length: 10 } },
    { members: { length: 10 } },
  ]);
});

test('a topic has at least one text in a hundred', async () => {
  const common = seededTexts(1000, { en: 1 }, 2).map(({ text }) => text);
  const rare = Array.from({ length: 9 }, () => 'How do I cultivate an orchid on a balcony?');
  const termsOf = async (texts: readonly string[]): Promise<readonly string[]> =>
    (await findTopics(texts)).flatMap(({ terms }) => terms);
  expect(await termsOf([...common, ...rare])).not.toContain('orchid');
  expect(await termsOf([...common, ...rare, ...rare])).toContain('orchid');
});

test('texts without words, of one kind, or of noise, are read without an error', async () => {
  const repeat = (text: string): readonly string[] => Array.from({ length: 50 }, () => text);
  for (const text of [
    '',
    '12345',
    '👍',
    '\uD800',
    'a',
    '{"a":[1,2]}',
    'https://example.com/?q=%20',
    'the',
    '\0',
  ])
    expect(await findTopics(repeat(text))).toBeInstanceOf(Array);
  expect(await findTopics(repeat('x'.repeat(100_000)))).toEqual([]);
});

test('other work goes on while topics are found', async () => {
  let turns = 0;
  let isRunning = true;
  const count = (): void => {
    turns += 1;
    if (isRunning) setImmediate(count);
  };
  setImmediate(count);
  await findTopics(longTexts(1000, 8));
  isRunning = false;
  expect(turns).toBeGreaterThan(10);
});
