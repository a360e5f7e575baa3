import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idsOf } from '../stored.js';
import { openFileStore } from '../../../../src/server/index.js';

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(fileURLToPath(new URL('../../../../node_modules/.store-crash-', import.meta.url)));
  const input = fileURLToPath(new URL('crash-writer.ts', import.meta.url));
  const bundle = await rolldown({ input, platform: 'node', external: /^[^./]/ });
  await bundle.write({ file: join(folder, 'writer.mjs'), format: 'esm', codeSplitting: false });
  await bundle.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lets a writer run for a while, kills it, and returns the last number that it said. */
function writeUntilKilled(file: string, first: number, forMs: number): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'writer.mjs'), file, String(first)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      if (output === '') setTimeout(() => child.kill('SIGKILL'), forMs);
      output += data.toString();
    });
    // The last line may be torn.
    child.once('close', () => resolve(Number(output.split('\n').at(-2) ?? first - 1)));
  });
}

test('whenever it is killed, also while it rewrites the file, nothing that was taken is lost', async () => {
  const file = join(folder, 'records.jsonl');
  let [next, largest] = [0, 0];
  for (let round = 0; round < 10; round++) {
    const last = await writeUntilKilled(file, next, Math.random() * 400);
    largest = Math.max(largest, statSync(file).size);
    const store = await openFileStore({ file, maxRecords: 100 });
    const kept = (await idsOf(store)).map(Number);
    await store.close();
    // In order, without a gap, and up to what was said at least.
    expect(kept).toEqual(kept.map((_, index) => (kept[0] ?? 0) + index));
    expect(kept.at(-1)).toBeGreaterThanOrEqual(last);
    expect(kept.length).toBe(Math.min(100, (kept.at(-1) ?? 0) + 1));
    next = (kept.at(-1) ?? 0) + 1;
  }
  // 100 records are 1.4 MB: of so many more it was rewritten again and again.
  expect(next).toBeGreaterThan(1000);
  expect(largest).toBeLessThan(16 * 1024 * 1024);
  expect(readdirSync(folder).toSorted()).toEqual(['records.jsonl', 'writer.mjs']);
}, 60_000);
