import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);

/** Compressed size of a file of the built page, in bytes. */
function sizeOf(file: string): number {
  return gzipSync(readFileSync(new URL(`dist/page/${file}`, root))).byteLength;
}

test('the page is small: script, worker and styles, compressed', () => {
  execFileSync(process.execPath, [fileURLToPath(new URL('scripts/build.mjs', root)), 'page']);
  // More than half of the script is uPlot, 22 kB, and Preact, 6 kB.
  expect(sizeOf('page.js')).toBeLessThan(56_000);
  expect(sizeOf('live-worker.js')).toBeLessThan(3000);
  expect(sizeOf('page.css')).toBeLessThan(7000);
});
