import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addEdits } from '../../../../../src/server/engines/memory/contents/compare-texts.js';
import { CountWriter } from '../../../../../src/server/engines/memory/contents/text-edits.js';
import { toSearchable } from '../../../../../src/server/model/search-text.js';
import { textOf } from './text-of.js';

const unit = fc.oneof(
  fc.constantFrom('a', 'B', ' ', '  ', '\n', '\r\n', '\u00a0', '\u2003', '"', '\\', '\0', '\x1f'),
  fc.constantFrom(
    'ß',
    'É',
    'é',
    'e\u0301',
    '😀',
    'Σ',
    'ς',
    'ſ',
    'İ',
    '\u212a',
    'Ⱥ',
    'ก\u0e33',
    '\u{10400}',
    '\ud83d',
  ),
  fc.string({ unit: 'binary', maxLength: 1 }),
);

test('a text is the same after its edits, whatever it is, or has none', () => {
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 60 }).map((units) => units.join('')),
      (text) => {
        const edits = new CountWriter();
        const searchable = toSearchable(text);
        const made = addEdits(text, searchable, edits) ? textOf(searchable, edits.bytes) : text;
        expect(made).toBe(text);
      },
    ),
    { numRuns: 5000 },
  );
});

test('the edits of another text are none', () => {
  const text = fc.array(fc.constantFrom('a', 'A', 'b', ' ', '\n', 'É', 'é', '\0'), { maxLength: 6 });
  fc.assert(
    fc.property(text, text, (units, others) => {
      const edits = new CountWriter();
      const [given, searchable] = [units.join(''), toSearchable(others.join(''))];
      const made = addEdits(given, searchable, edits) ? textOf(searchable, edits.bytes) : given;
      expect(made).toBe(given);
    }),
    { numRuns: 5000 },
  );
});
