import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { useFolder } from '../support/use-folder.js';

const run = promisify(execFile);

const PASSING = `test('passes at once', () => { expect(1).toBe(1); });`;
const FLAKY = `
  let tries = 0;
  describe('a group', () => { test('passes on the second try', () => { expect(++tries).toBe(2); }); });`;
const FAILING = `test('never passes', () => { expect(1).toBe(2); });`;
const SKIPPED = `test.skip('is skipped', () => {}); test.todo('is planned');`;

test('the summary of CI is one line when every test passes at once', async () => {
  expect(await summaryOf(PASSING)).toEqual(['1 passed, 0 failed']);
});

test('the summary of CI names each test that passed on its second try before the last line', async () => {
  expect(await summaryOf(PASSING + FLAKY)).toEqual([
    'flaky, passed on a second try: sample.test.js > a group passes on the second try',
    '2 passed, 0 failed',
  ]);
});

test('the summary of CI counts failed and skipped tests and calls none of them flaky', async () => {
  expect(await summaryOf(PASSING + FAILING + SKIPPED)).toEqual(['1 passed, 1 failed, 2 skipped']);
});

/** Runs the source of a test file with the real Vitest, as CI does, and returns the lines that the script makes of the report. */
async function summaryOf(source: string): Promise<string[]> {
  const folder = await useFolder();
  await writeFile(join(folder, 'sample.test.js'), source);
  const args = [
    'run',
    '--root',
    folder,
    '--globals',
    '--retry=1',
    '--reporter=json',
    '--outputFile=report.json',
  ];
  // Vitest exits with 1 when a test has failed.
  await run(process.execPath, [join(process.cwd(), 'node_modules/vitest/vitest.mjs'), ...args]).catch(
    () => {},
  );
  const script = join(process.cwd(), 'scripts/summarise-tests.mjs');
  const { stdout } = await run(process.execPath, [script, 'report.json'], { cwd: folder });
  return stdout.trimEnd().split('\n');
}
