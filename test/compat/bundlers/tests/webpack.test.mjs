import { join } from 'node:path';
import { test } from 'node:test';
import webpack from 'webpack';
import {
  assertRunsInBrowser,
  assertRunsInNode,
  folder,
  NODE_APP,
  outFolder,
  PAGE_APP,
} from './support/check-bundle.mjs';

/** Minifying is left to the test for browsers: it takes most of the time. */
const UNMINIFIED = { optimization: { minimize: false } };

/** Builds in production mode, and fails for any warning about this package. */
async function build(entry, path, filename, more) {
  const compiler = webpack({
    mode: 'production',
    context: folder,
    entry,
    output: { path, filename },
    ...more,
  });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, result) => (error ? reject(error) : resolve(result))),
  );
  await new Promise((resolve) => compiler.close(resolve));
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  const ours = warnings.filter(({ message, moduleName = '' }) =>
    `${moduleName} ${message}`.includes('opentelemetry-exporter-trubrics'),
  );
  if (errors.length + ours.length > 0)
    throw new Error([...errors, ...ours].map(({ message }) => message).join('\n'));
}

test('a bundle of webpack runs in Node.js as CommonJS', async () => {
  const path = outFolder();
  await build(NODE_APP, path, 'app.cjs', { target: 'node', ...UNMINIFIED });
  await assertRunsInNode(join(path, 'app.cjs'));
});

test('a bundle of webpack runs in Node.js as an ES module', async () => {
  const path = outFolder();
  await build(NODE_APP, path, 'app.mjs', {
    target: 'node20',
    ...UNMINIFIED,
    experiments: { outputModule: true },
    output: { path, filename: 'app.mjs', module: true, chunkFormat: 'module' },
  });
  await assertRunsInNode(join(path, 'app.mjs'));
});

test('a bundle of webpack runs in Chromium', async () => {
  const path = outFolder();
  await build(PAGE_APP, path, 'page.js', { target: 'web' });
  await assertRunsInBrowser(path);
});
