import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import {
  assertRunsInBrowser,
  assertRunsInNode,
  NODE_APP,
  outFolder,
  PAGE_APP,
} from './support/check-bundle.mjs';

const common = { bundle: true, minify: true, logLevel: 'error' };

for (const [format, name] of [
  ['esm', 'app.mjs'],
  ['cjs', 'app.cjs'],
])
  test(`a bundle of esbuild runs in Node.js as ${format}`, async () => {
    const outfile = join(outFolder(), name);
    // Packages in CommonJS call `require` for parts of Node.js, which an ES module does not have.
    const banner =
      format === 'esm'
        ? {
            js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
          }
        : {};
    await build({ ...common, entryPoints: [NODE_APP], outfile, platform: 'node', format, banner });
    await assertRunsInNode(outfile);
  });

test('a bundle of esbuild runs in Chromium', async () => {
  const files = outFolder();
  await build({
    ...common,
    entryPoints: [PAGE_APP],
    outfile: join(files, 'page.js'),
    platform: 'browser',
    format: 'esm',
  });
  await assertRunsInBrowser(files);
});
