import { execFile } from 'node:child_process';
import { copyFileSync, appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as entry from '../../src/index.js';
import { useFolder } from '../support/use-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = join(ROOT, 'docs/api/README.md');

function check(file: string): Promise<string> {
  const script = join(ROOT, 'scripts/write-api-reference.mjs');
  return new Promise((done) =>
    execFile(process.execPath, [script, '--check', file], (_error, _out, stderr) => done(stderr)),
  );
}

test('the API reference is up to date: npm run build && npm run docs:api', async () => {
  expect(await check(PAGE)).toBe('');
});

test('an API reference that is out of date is noticed', async () => {
  const file = join(await useFolder(), 'README.md');
  copyFileSync(PAGE, file);
  appendFileSync(file, 'old\n');
  expect(await check(file)).toContain('is out of date: npm run build && npm run docs:api');
});

test('the API reference names everything that the root entry exports', () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(Object.keys(entry).filter((name) => !page.includes(`### \`${name}\``))).toEqual([]);
});
