import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'rolldown';
import {
  assertRunsInBrowser,
  assertRunsInNode,
  NODE_APP,
  outFolder,
  PAGE_APP,
} from './support/check-bundle.mjs';

for (const [format, name] of [
  ['esm', 'app.mjs'],
  ['cjs', 'app.cjs'],
])
  test(`a bundle of Rolldown runs in Node.js as ${format}`, async () => {
    const dir = outFolder();
    const output = { dir, format, minify: true, entryFileNames: name };
    await build({ input: NODE_APP, platform: 'node', logLevel: 'warn', output });
    await assertRunsInNode(join(dir, name));
  });

test('a bundle of Rolldown runs in Chromium', async () => {
  const files = outFolder();
  const file = join(files, 'page.js');
  await build({
    input: PAGE_APP,
    platform: 'browser',
    logLevel: 'warn',
    output: { file, format: 'esm', minify: true },
  });
  await assertRunsInBrowser(files);
});
