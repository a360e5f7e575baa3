import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editsOf, withEdits } from '../../../../../src/server/engines/memory/contents/text-edits.js';
import { toSearchable } from '../../../../../src/server/model/search-text.js';

test.each([
  ['How do I trace it?', [0, 6]],
  ['two\n\nlines', [3, '\n\n']],
  ['a  b', [1, '  ']],
  ['all lower case', []],
  ['\tTab', [0, '\t', 0]],
  ['Größe ÄÖ', [0, 5, 0]],
])('%j is its searchable form with the edits %j', (text, edits) => {
  expect(editsOf(text, toSearchable(text))).toEqual(edits);
  expect(withEdits(toSearchable(text), edits)).toBe(text);
});

test.each([
  'İstanbul',
  'e\u0301te\u0301',
  'ẞ',
  'A LOUD TEXT IS KEPT AS IT IS',
  '\ud83d',
  'É\ud83d',
  'a\u{10400}',
])('%j cannot be made of its searchable form, or is better kept', (text) => {
  expect(editsOf(text, toSearchable(text))).toBeUndefined();
});

test('a text is the same after its edits, whatever it is, or has none', () => {
  const unit = fc.oneof(
    fc.constantFrom(
      'a',
      'B',
      ' ',
      '  ',
      '\n',
      '\r\n',
      '\u00a0',
      '\u2003',
      'ß',
      'É',
      'é',
      'e\u0301',
      '😀',
      'Σ',
      'ς',
      'ſ',
      'İ',
    ),
    fc.string({ unit: 'binary', maxLength: 1 }),
  );
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 60 }).map((units) => `${units.join('')} and some more words of it`),
      (text) => {
        const edits = editsOf(text, toSearchable(text));
        expect(edits === undefined ? text : withEdits(toSearchable(text), edits)).toBe(text);
      },
    ),
    { numRuns: 3000 },
  );
});

test('the edits of another text are none', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (text, searchable) => {
      const edits = editsOf(text, searchable);
      expect(edits === undefined ? text : withEdits(searchable, edits)).toBe(text);
    }),
    { numRuns: 3000 },
  );
});
