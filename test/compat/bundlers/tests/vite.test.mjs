import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'vite';
import {
  assertRunsInBrowser,
  assertRunsInNode,
  folder,
  NODE_APP,
  outFolder,
  PAGE_APP,
} from './support/check-bundle.mjs';

for (const [format, extension] of [
  ['es', 'mjs'],
  ['cjs', 'cjs'],
])
  test(`a build of Vite for servers runs in Node.js as ${format}`, async () => {
    const outDir = outFolder();
    await build({
      ...{ root: folder, configFile: false, logLevel: 'error', ssr: { noExternal: true, target: 'node' } },
      build: {
        ...{ ssr: NODE_APP, outDir, emptyOutDir: true },
        rollupOptions: {
          output: { format, entryFileNames: `app.${extension}`, chunkFileNames: `[name].${extension}` },
        },
      },
    });
    await assertRunsInNode(join(outDir, `app.${extension}`));
  });

test('a build of Vite for browsers runs in Chromium', async () => {
  const outDir = outFolder();
  await build({
    ...{ root: folder, configFile: false, logLevel: 'error' },
    build: {
      outDir,
      emptyOutDir: true,
      rollupOptions: {
        input: PAGE_APP,
        output: { entryFileNames: 'page.js' },
        preserveEntrySignatures: 'strict',
      },
    },
  });
  await assertRunsInBrowser(outDir);
});
