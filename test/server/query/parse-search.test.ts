import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSearch } from '../../../src/server/query/parse-search.js';

/** Writes terms as `word`, `two words` and, of what is excluded, `!word`. */
function terms(text: string): string[] {
  return (parseSearch(text) ?? []).map((term) => (term.isExcluded ? `!${term.text}` : term.text));
}

test.each([
  ['One  TWO', ['one', 'two']],
  ['"one two" three', ['one two', 'three']],
  ['one -two', ['one', '!two']],
  ['-"one two" three', ['!one two', 'three']],
  ['gpt-4o a-b', ['gpt-4o', 'a-b']],
  ['"-5"', ['-5']],
  ['--flag', ['!-flag']],
  ['---', ['---']],
  ['one one -one -one', ['one', '!one']],
  ['“one two” „drei vier“', ['one two', 'drei vier']],
  ['"a"b', ['a', 'b']],
  ['5"x', ['5"x']],
])('the search %s has the terms %j', (text, expected) => {
  expect(terms(text)).toEqual(expected);
});

test.each([
  ['"one two', ['one two']],
  ['zero "one', ['zero', 'one']],
  ['-"one two', ['!one two']],
  ['one two"', ['one', 'two']],
  ['one "', ['one']],
  ['one ""', ['one']],
  ['one "  "', ['one']],
  ['one -', ['one']],
  ['one -"', ['one']],
  ['one -""', ['one']],
  ['“one two', ['one two']],
  ['"one" "two', ['one', 'two']],
  ['"', []],
  ['-', []],
  ['   ', []],
])('the search %s, which is still being typed, has the terms %j', (text, expected) => {
  expect(terms(text)).toEqual(expected);
});

test('a search without terms is not part of a query', () => {
  expect(parseSearch(' "" - ')).toBeUndefined();
});

test('composed and decomposed letters, cases and kinds of white space make the same terms', () => {
  const composed = 'Öl "Café\u00A0crème"';
  expect(parseSearch(composed)).toEqual([{ text: 'öl' }, { text: 'café crème' }]);
  for (const other of [composed.normalize('NFD'), composed.toUpperCase(), composed.replace('\u00A0', '\n ')])
    expect(parseSearch(other)).toEqual(parseSearch(composed));
});

test('no text is too odd for a search, and no term is empty', () => {
  const typed = fc.array(fc.constantFrom('"', '-', ' ', '“', 'a', 'é', '\u0301', '\n', '\uD800', '👍'));
  fc.assert(
    fc.property(
      fc.oneof(
        typed.map((parts) => parts.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        for (const term of parseSearch(text) ?? []) expect(term.text.trim()).not.toBe('');
      },
    ),
  );
});
