import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { build } from 'esbuild';
import { assertRunsInBrowser, outFolder, PAGE_APP, withPage } from './support/check-bundle.mjs';

const files = outFolder();
before(() =>
  build({ bundle: true, entryPoints: [PAGE_APP], outfile: join(files, 'page.js'), format: 'esm' }),
);

test('processor, handler and client deliver from a page', () => assertRunsInBrowser(files));

test('processor, handler and client deliver from a page over plain HTTP, which is no secure context', () =>
  assertRunsInBrowser(files, 'app.test'));

test('a record that waits is delivered when the page is left', async () => {
  await withPage(files, async (page, records) => {
    await page.evaluate('askAndLeave()');
    assert.deepEqual(records, []);
    await page.goto('about:blank');
    // The browser sends it after the page is gone.
    for (let tries = 0; tries < 100 && records.length === 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(
      records.map(({ prompt, generation }) => ({ prompt, generation })),
      [{ prompt: 'left', generation: 'Rome.' }],
    );
  });
});
