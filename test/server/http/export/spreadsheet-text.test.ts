import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guardedText, unguardedText } from '../../../../src/server/http/export/spreadsheet-text.js';

test('whatever a text, the import reads it as it was before the export guarded it', () => {
  const part = fc.constantFrom("'", '=', '+', '0', '7', '1234567890123456', 'e5', ' ', '\t', '\n', 'a', '.');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part, { maxLength: 5 }).map((parts) => parts.join('')),
      ),
      (text) => {
        expect(unguardedText(guardedText(text))).toBe(text);
      },
    ),
  );
});

test.each(['=1', "'=1", ' @a', '1234567890123456', ' 007 ', '1e5', "''00"])('%j is guarded', (text) => {
  expect(guardedText(text)).toBe(`'${text}`);
});

test.each(["'", "'a", '', '123456789012345', '0', '0.5', '1,5', 'e5', '0x00', '1 2'])(
  '%j is left as it is',
  (text) => {
    expect(guardedText(text)).toBe(text);
  },
);
