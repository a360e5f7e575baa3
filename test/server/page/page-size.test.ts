import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);

const build = (): void => {
  execFileSync(process.execPath, [fileURLToPath(new URL('scripts/build.mjs', root)), 'page']);
};

const read = (file: string): Buffer => readFileSync(new URL(`dist/page/${file}`, root));

const unpacked = (file: string): Buffer => gunzipSync(read(`${file}.gz`));

/** Size of a file of the built page, which is sent as it is stored, in bytes. */
const sizeOf = (file: string): number => read(file).byteLength;

test('a page starts the worker of its own version, not the one of a page from before an update of the server', () => {
  build();
  const version = createHash('sha256').update(unpacked('live-worker.js')).digest('hex').slice(0, 12);
  expect(unpacked('page.js').toString()).toContain(`/live-worker.js?v=${version}`);
});

test('the page is small: script, worker and styles, compressed', () => {
  build();
  // More than a third of the script is uPlot, 22 kB, and Preact, 6 kB.
  const files = ['page.js.gz', 'live-worker.js.gz', 'page.css.gz', 'index.html'];
  expect(files.reduce((sum, file) => sum + sizeOf(file), 0)).toBeLessThan(120_000);
  // Loaded when the first answer with Markdown is shown. A third of it are the languages of code.
  expect(sizeOf('markdown-worker.js.gz')).toBeLessThan(70_000);
});
