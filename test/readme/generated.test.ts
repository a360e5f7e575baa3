import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResults } from '../compat/results.mjs';
import { matrixTable } from '../compat/matrix-table.mjs';
import { compatibilityTable } from './compatibility-table.js';
import { readDocument, ROOT, USER_DOCUMENTS } from './documents.js';
import { optionsTable } from './options-table.js';

/** Sections that are made from the code and the captures. `UPDATE_README=1 npm run test:only -- test/readme` writes them. */
const GENERATED = {
  options: optionsTable,
  compatibility: compatibilityTable,
  matrix: () => matrixTable(readResults()),
} as const satisfies Record<string, () => string>;

const sections = USER_DOCUMENTS.flatMap((document) =>
  [...readDocument(document).matchAll(/<!-- generated: (\w+) -->/g)].map(([, name = '']) => ({
    document,
    name,
  })),
);

test('every generated section stands in one document', () => {
  expect(sections.map(({ name }) => name).toSorted()).toEqual(Object.keys(GENERATED).toSorted());
});

test.each(sections)('the section "$name" of $document is up to date', ({ document, name }) => {
  const generate = new Map<string, () => string>(Object.entries(GENERATED)).get(name);
  const section = new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(<!-- /generated -->)`);
  const current = readDocument(document);
  const generated = current.replace(
    section,
    (_all, start: string, end: string) => `${start}\n${generate?.()}\n\n${end}`,
  );
  if (process.env.UPDATE_README) writeFileSync(join(ROOT, document), generated);
  expect(readDocument(document)).toBe(generated);
});
