import { join } from 'node:path';
import { test } from 'node:test';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import {
  assertRunsInBrowser,
  assertRunsInNode,
  NODE_APP,
  outFolder,
  PAGE_APP,
} from './support/check-bundle.mjs';

/** Builds one file, and fails for a warning about a file of this package. */
async function build({ input, file, format, browser }) {
  const bundle = await rollup({
    input,
    plugins: [nodeResolve({ browser, preferBuiltins: !browser }), commonjs(), json()],
    onwarn(warning) {
      if (`${warning.id} ${warning.message}`.includes('opentelemetry-exporter-trubrics'))
        throw new Error(warning.message);
    },
  });
  await bundle.write({ file, format, inlineDynamicImports: true });
  await bundle.close();
}

for (const [format, name] of [
  ['es', 'app.mjs'],
  ['cjs', 'app.cjs'],
])
  test(`a bundle of Rollup runs in Node.js as ${format}`, async () => {
    const file = join(outFolder(), name);
    await build({ input: NODE_APP, file, format, browser: false });
    await assertRunsInNode(file);
  });

test('a bundle of Rollup runs in Chromium', async () => {
  const files = outFolder();
  await build({ input: PAGE_APP, file: join(files, 'page.js'), format: 'es', browser: true });
  await assertRunsInBrowser(files);
});
