import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CASES } from '../compat/cases.mjs';
import { pinnedVersion } from '../compat/pinned-version.mjs';
import { readResults } from '../compat/results.mjs';
import { readDocument, ROOT } from './documents.js';

const COMPAT = join(ROOT, 'test/compat');
const results = readResults();

test('the page names exactly the cases of the matrix, once each, in their groups', () => {
  const [, ...groups] = readDocument('docs/matrix.md').split(/^## /m);
  const named = groups.flatMap((group) => {
    const [title = ''] = group.split('\n');
    const rows = group.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:With|---)/.test(line));
    return rows.map((row) => {
      const [subject, , ran] = row.slice(2, -2).split(' | ');
      return [title, subject, ran];
    });
  });
  const expected = CASES.map(({ group, subject, ran }) => [group, subject, ran]);
  expect(named).toEqual(expected);
});

test('every case has a name of its own, and a result is that of the version that is pinned', () => {
  const names = CASES.map(({ name }) => name);
  expect(new Set(names).size).toBe(CASES.length);
  expect(Object.keys(results)).toEqual(names.filter((name) => name in results));
  const outdated = CASES.filter(
    (one) => one.name in results && results[one.name]?.version !== pinnedVersion(one),
  );
  expect(outdated.map(({ name }) => `npm run test:compat -- --write ${name}`)).toEqual([]);
});

test('no case fails, unless the library is the reason', () => {
  expect(Object.keys(results).filter((name) => results[name]?.passed !== true)).toEqual([]);
});

test('every case has an install and tests, and every install and test file belongs to a case', () => {
  const needed = CASES.flatMap(({ install, tests, file, node, source }) => [
    `${install}/package.json`,
    `${node ?? install}/package.json`,
    source === undefined ? `${tests}/tests/${file ?? ''}` : '.',
  ]);
  expect(needed.filter((path) => !existsSync(join(COMPAT, path)))).toEqual([]);
  const folders = readdirSync(COMPAT).filter((folder) => existsSync(join(COMPAT, folder, 'package.json')));
  const used = new Set(CASES.flatMap(({ install, node }) => [install, node]));
  // Those of the benchmarks: test/bench.
  expect(folders.filter((folder) => !used.has(folder))).toEqual(['peers']);
  const files = ['tracers', 'bundlers', 'runners', 'starts'].flatMap((folder) =>
    readdirSync(join(COMPAT, folder, 'tests')).filter((file) => file.endsWith('.test.mjs')),
  );
  expect(files.toSorted()).toEqual([...new Set(CASES.flatMap(({ file }) => file ?? []))].toSorted());
});

test('the names that choose the tests of a runtime, compiler or start match a test', () => {
  const withPattern = CASES.filter(({ pattern }) => pattern !== undefined);
  expect(withPattern.length).toBeGreaterThan(5);
  const without = withPattern.filter(({ of = '', tests, pattern = '' }) => {
    // A name that a loop completes begins with that of the case; those of compilers are dependencies of the install.
    const names = [...namesIn(join(COMPAT, tests, 'tests')), of];
    return !names.some((name) => new RegExp(pattern).test(`${name} `));
  });
  expect(without.map(({ name }) => name)).toEqual([]);
});

/** Returns the texts between quotes in the tests of a folder. */
function namesIn(folder: string): readonly string[] {
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith('.test.mjs'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  return [...sources.join('\n').matchAll(/'([^'\n]+)'|`([^`\n]+)`/g)].map(([, a, b]) => a ?? b ?? '');
}
