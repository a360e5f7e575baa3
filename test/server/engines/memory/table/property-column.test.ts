import { expect, test } from 'vitest';
import { PropertyColumn } from '../../../../../src/server/engines/memory/table/property-column.js';
import type { PropertyValue } from '../../../../../src/records/model/prompt-record.js';

const textsOf = ({ ids, texts }: PropertyColumn, count: number): (string | undefined)[] =>
  Array.from(ids.slice(0, count), (id) => texts[id]);

const VALUES: readonly PropertyValue[] = ['free', 'Größe "x"', '', 7, true, null, ['a'], '東京', 'free'];

test('a value has the same text whether it is set or read from JSON', () => {
  const [given, read] = [new PropertyColumn(VALUES.length), new PropertyColumn(VALUES.length)];
  for (const [row, value] of VALUES.entries()) {
    given.set(row, value);
    const bytes = Buffer.from(`{${JSON.stringify(value)}}`);
    read.setJson(row, bytes, 1, bytes.length - 1);
  }
  const texts = ['free', 'Größe "x"', '', '7', 'true', '', '["a"]', '東京', 'free'];
  expect([textsOf(given, 9), textsOf(read, 9)]).toEqual([texts, texts]);
  expect(read.ids).toEqual(given.ids);
  expect(read.texts).toEqual(given.texts);
});

test('a text has one number, a row may be set again, and rows may be added', () => {
  const column = new PropertyColumn(1);
  for (const row of [0, 1, 2, 40]) column.set(row, row === 40 ? 'b' : 'a');
  column.set(1, undefined);
  column.finish();
  const json = Buffer.from('"b"');
  column.setJson(2, json, 0, json.length);
  expect([0, 1, 2, 3, 40].map((row) => column.ids[row])).toEqual([1, 0, 2, 0, 2]);
  expect(column.texts).toEqual(['', 'a', 'b']);
});

test('texts that are numbers are read as numbers, by row', () => {
  const column = new PropertyColumn(4);
  for (const [row, value] of ['1.5', 2, 'two', undefined].entries()) column.set(row, value);
  expect([...column.numbers()]).toEqual([1.5, 2, Number.NaN, Number.NaN]);
});
