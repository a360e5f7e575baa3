import { expect, test } from 'vitest';
import { Pacer } from '../../../../src/server/insights/topics/pacer.js';
import { readVocabulary } from '../../../../src/server/insights/topics/vocabulary.js';
import { wordsOfText } from '../../../../src/server/insights/topics/words-of-text.js';

test.each<[string, readonly string[]]>([
  ['My Order, my ORDER!', ['order', 'order']],
  ['no id of it', []],
  ['vat and the eu', ['vat', 'and', 'the']],
  ['gpt4 and mp3 of 2026', ['gpt4', 'and', 'mp3']],
  ['x12 ab12 abc12 abc123 abcdefg123', ['abc12']],
  ['من في شركة', ['من', 'في', 'شركة']],
  ['注文の返金', ['注文', '返金']],
  [`${'a'.repeat(30)} ${'b'.repeat(31)}`, ['a'.repeat(30)]],
  ['cafe\u0301', ['café']],
])('the words of %j are those that may be about something', (text, words) => {
  expect(wordsOfText(text)).toEqual(words);
});

test('the first 4,000 characters of a text count', () => {
  expect(wordsOfText(`${' '.repeat(3_994)}within`)).toEqual(['within']);
  expect(wordsOfText(`${' '.repeat(4_000)}beyond`)).toEqual([]);
});

async function vocabularyOf(...texts: readonly string[]) {
  const { words, texts: numbered } = await readVocabulary(texts, new Pacer());
  return numbered.map((numbers) => Array.from(numbers, (number) => words[number]));
}

test('a word that differs in its ending alone counts as its stem, in any order of the texts', async () => {
  expect(await vocabularyOf('orders of orders', 'order', 'ordered', 'ordering')).toEqual([
    ['order'],
    ['order'],
    ['order'],
    // Three letters are more than an ending.
    ['ordering'],
  ]);
});

test('a short word, a function word and one without spaces are stems of nothing', async () => {
  expect(await vocabularyOf('card cards', 'because becau', 'ソフトウェア ソフトウェ')).toEqual([
    ['card', 'cards'],
    ['becau', 'because'],
    ['ソフトウェ', 'ソフトウェア'],
  ]);
});

test('a stem that is much rarer than a word is a misspelling', async () => {
  const texts = (count: number) => [...Array<string>(count).fill('refund'), 'refun'];
  expect((await vocabularyOf(...texts(4)))[0]).toEqual(['refun']);
  expect((await vocabularyOf(...texts(5)))[0]).toEqual(['refund']);
});

test('the numbers of a text are ascending, each once', async () => {
  const { texts, words } = await readVocabulary(['zebra apple zebra mango', 'mango'], new Pacer());
  expect(words).toEqual(['apple', 'mango', 'zebra']);
  expect(texts.map((numbers) => [...numbers])).toEqual([[0, 1, 2], [1]]);
});
