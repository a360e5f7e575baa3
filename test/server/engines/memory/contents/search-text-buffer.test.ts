import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SearchTextBuffer } from '../../../../../src/server/engines/memory/contents/search-text-buffer.js';
import { allocateViewed } from '../../../../../src/server/engines/memory/contents/viewed-bytes.js';
import { textOf } from './text-of.js';
import { toSearchable } from '../../../../../src/server/model/search-text.js';

const unit = fc.oneof(
  fc.constantFrom('a', 'B', 'Z', '@', '[', ' ', '  ', '\n', '\r\n', '\t', '\v', '\x1c', '\x7f', '\0'),
  fc.constantFrom(
    '\x85',
    '\u00a0',
    '¡',
    'µ',
    '×',
    '÷',
    'ß',
    'À',
    'Þ',
    'É',
    'é',
    'ÿ',
    'Ÿ',
    'e\u0301',
    'É\u0304',
  ),
  fc.constantFrom(
    '\u2003',
    '\u200a',
    '\u200b',
    '“',
    '…',
    '—',
    '\u2028',
    '\u2029',
    '\u202f',
    '€',
    '\u212b',
    'ẞ',
  ),
  fc.constantFrom(
    '\u3000',
    '㐀',
    '中',
    '鿿',
    '\u3099',
    'が',
    '가',
    '豈',
    '😀',
    '❤\ufe0f',
    '\u{10400}',
    '\ufeff',
  ),
  fc.constantFrom('Σ', 'ς', 'ſ', 'İ', '\ud83d', '\ude00', 'Я', '\ufffd'),
  fc.string({ unit: 'binary', maxLength: 1 }),
);
const text = fc
  .array(unit, { maxLength: 40 })
  .map(
    (units) =>
      `${units.join('')} and some more words, so that edits are worth it: ${units.slice(0, 3).join('')}`,
  );

test('whatever the texts of a record, its lines are their searchable forms, and edits make the texts again', () => {
  const buffer = new SearchTextBuffer();
  fc.assert(
    fc.property(fc.array(fc.oneof(text, fc.constant('')), { maxLength: 5 }), (texts) => {
      buffer.clear();
      const lengths = texts.map((line) => buffer.addText(line));
      const lines = texts.map(toSearchable);
      // A lone surrogate has no UTF-8.
      expect(buffer.bytes.toString()).toBe(Buffer.from(lines.join('\n')).toString());
      let start = 0;
      for (const [index, line] of texts.entries()) {
        const length = lengths[index] ?? -1;
        if (length === -1) continue;
        const edits = buffer.edits.bytes.subarray(start, start + length);
        expect(textOf(lines[index] ?? '', edits)).toBe(line);
        start += length;
      }
      expect(buffer.edits.end).toBe(start);
    }),
    { numRuns: 5000 },
  );
});

test('a searched text is written to the bytes that are given, if it fits there, and changes nothing before them', () => {
  const buffer = new SearchTextBuffer();
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), fc.nat(900), fc.nat(40), (texts, size, used) => {
      const target = { ...allocateViewed(used + size), used };
      target.bytes.fill(0xff);
      buffer.clear(target);
      for (const line of texts) buffer.addText(line);
      const expected = Buffer.from(texts.map(toSearchable).join('\n'));
      expect(buffer.bytes.equals(expected)).toBe(true);
      const end = buffer.endInTarget;
      // Whatever the characters are, so many bytes are enough.
      const most = texts.reduce((sum, line) => sum + 9 * line.length + 1, 8);
      expect(end !== undefined || size < most).toBe(true);
      const isThere = end === undefined || target.bytes.subarray(used, end).equals(expected);
      expect(isThere).toBe(true);
      expect(target.bytes.subarray(0, used).every((byte) => byte === 0xff)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  'How do I trace it?',
  'Größe ÄÖ der STRASSE',
  'ПРИВЕТ, мир: Это проба',
  'Ένα Δύο',
  'a  b\r\n\tc\u00a0\u2003d \ufeff',
  '日本語のテキスト 한국어 😀❤️',
  'สวัสดี Hello',
  'नमस्ते World\n\n- eins',
  'ΟΔΟΣ Σίσυφος',
  ' ',
  '',
])('%j is made of its searchable form by edits', (given) => {
  const buffer = new SearchTextBuffer();
  expect(buffer.addText(given)).toBe(buffer.edits.end);
  expect(textOf(toSearchable(given), buffer.edits.bytes)).toBe(given);
});

test.each(['İstanbul', 'e\u0301te\u0301', 'ẞ', '\ud83d', 'É\ud83d', 'a\u{10400}', '\u212a'])(
  '%j has to be kept, because edits cannot make it of its searchable form',
  (given) => {
    const buffer = new SearchTextBuffer();
    expect([buffer.addText(given), buffer.edits.end]).toEqual([-1, 0]);
  },
);

test('a line whose text is kept elsewhere has no edits, whatever its length', () => {
  const buffer = new SearchTextBuffer();
  for (const line of ['Short', 'two Words', 'É', 'Long'.repeat(100), '']) buffer.addLine(line);
  expect(buffer.bytes.toString()).toBe(`short\ntwo words\né\n${'long'.repeat(100)}\n`);
  expect(buffer.edits.end).toBe(0);
});

test('every character alone, and before and after a mark, has its searchable form, of which edits make it', () => {
  const buffer = new SearchTextBuffer();
  const wrong: string[] = [];
  for (let code = 0; code <= 0x1_ff_ff; code++) {
    const character = String.fromCodePoint(code);
    const searched = `a${character}\u0301\u0327 ${character}b`;
    buffer.clear();
    buffer.addLine(searched);
    const isRight = buffer.bytes.equals(Buffer.from(toSearchable(searched)));
    if (!isRight) wrong.push(code.toString(16));
    const alone = ` ${character}b${character}${character}`;
    buffer.clear();
    const isMade =
      buffer.addText(alone) === -1 || textOf(buffer.bytes.toString(), buffer.edits.bytes) === alone;
    if (!isMade || buffer.bytes.toString() !== Buffer.from(toSearchable(alone)).toString())
      wrong.push(`${code.toString(16)} alone`);
  }
  expect(wrong).toEqual([]);
});

test('a text of several megabytes is one line, and the next record does not have its size', () => {
  const buffer = new SearchTextBuffer();
  buffer.addLine('A long Text '.repeat(500_000));
  buffer.addLine('next');
  expect(buffer.bytes.toString()).toBe(`${'a long text '.repeat(500_000)}\nnext`);
  buffer.clear();
  buffer.addLine('Small');
  expect(buffer.bytes.toString()).toBe('small');
  expect(buffer.bytes.buffer.byteLength).toBeLessThan(1_000_000);
});
