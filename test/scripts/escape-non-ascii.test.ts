import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { escapeNonAscii } from '../../scripts/escape-non-ascii.mjs';

const PADDING = `/*${'-'.repeat(20_000)}*/`;
/** Expressions whose value shows every character of them. */
const EXPRESSIONS = [
  "'é😀\\u00e9'",
  '"\\"ü"',
  '`€${`ñ`}😀`',
  '{ ключ: 1, "ü": 2 }',
  "['a😀b'.replace(/[😀é]/u, 'x'), /é+/.test('éé'), /^[^😀]$/u.test('😀')]",
  'String.raw`é${"ö"}\\n`',
];

test.each(EXPRESSIONS)('the value of %s does not change', (expression) => {
  const code = `${PADDING}const value = ${expression}; export { value };`;
  const escaped = escapeNonAscii(code);
  expect(valueOf(escaped)).toEqual(valueOf(code));
});

test('strings, templates and regular expressions become ASCII', () => {
  expect(escapeNonAscii(`${PADDING}f("é", \`😀\`, /ü/)`)).toBe(
    `${PADDING}f("\\u00e9", \`\\ud83d\\ude00\`, /\\u00fc/)`,
  );
});

test('code with many other characters stays as it is', () => {
  expect(escapeNonAscii('f("é")')).toBe('f("é")');
});

test('the chunks of the library are ASCII', () => {
  const folder = new URL('../../dist/esm/shared/', import.meta.url);
  const files = readdirSync(folder);
  expect(files.length).toBeGreaterThan(0);
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  for (const file of files) expect(readFileSync(new URL(file, folder), 'utf8')).toMatch(/^[\0-\x7f]*$/);
});

function valueOf(code: string): unknown {
  const source = code.replace(/export .*$/, 'return value;');
  // oxlint-disable-next-line typescript/no-implied-eval -- runs the code of this test
  return (new Function(source) as () => unknown)();
}
