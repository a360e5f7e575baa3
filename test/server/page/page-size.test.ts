import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);

const build = (): void => {
  execFileSync(process.execPath, [fileURLToPath(new URL('scripts/build.mjs', root)), 'page']);
};

const read = (file: string): Buffer => readFileSync(new URL(`dist/page/${file}`, root));

/** The parts that are loaded when they are first used. A build of the page alone leaves those of the build before. */
const builtChunks = (): string[] => {
  const found = new Set<string>();
  const follow = (file: string): void => {
    for (const [name] of unpacked(file)
      .toString()
      .matchAll(/chunk-[\w-]+\.js/g))
      if (!found.has(name)) {
        found.add(name);
        follow(name);
      }
  };
  follow('page.js');
  return readdirSync(new URL('dist/page', root)).filter((file) => found.has(file.replace(/\.gz$/, '')));
};

const unpacked = (file: string): Buffer => gunzipSync(read(`${file}.gz`));

/** Size of a file of the built page, which is sent as it is stored, in bytes. */
const sizeOf = (file: string): number => read(file).byteLength;

test('a page starts the worker of its own version, not the one of a page from before an update of the server', () => {
  build();
  const version = createHash('sha256').update(unpacked('live-worker.js')).digest('hex').slice(0, 12);
  expect(unpacked('page.js').toString()).toContain(`/live-worker.js?v=${version}`);
});

test('the page is small, and its first view needs half of it', () => {
  build();
  const always = ['page.js.gz', 'live-worker.js.gz', 'page.css.gz', 'index.html'];
  const chunks = builtChunks();
  const sum = (files: readonly string[]): number => files.reduce((total, file) => total + sizeOf(file), 0);
  for (const first of ['summary-view', 'prompts-view']) {
    const needed = chunks.filter((file) => file.includes(first) || file.includes('shared'));
    expect(needed).toHaveLength(2);
    expect(sum([...always, ...needed])).toBeLessThan(60_000);
  }
  // A fifth of it is uPlot, which draws plots.
  expect(sum([...always, ...chunks])).toBeLessThan(120_000);
  // Loaded when the first answer with Markdown is shown. A third of it are the languages of code.
  expect(sizeOf('markdown-worker.js.gz')).toBeLessThan(70_000);
});
