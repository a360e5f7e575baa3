import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openFileStore } from '../../../../src/server/index.js';
import { bundleScript } from '../../../support/bundle-script.js';
import { useFolder } from '../../../support/use-folder.js';
import { idsOf, numbered } from '../stored.js';

/** Lets a process store and erase for a while, kills it, and returns the whole lines that it said. */
function runUntilKilled(script: string, args: readonly string[], forMs: number): Promise<string[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      if (output === '') setTimeout(() => child.kill('SIGKILL'), forMs);
      output += data.toString();
    });
    child.once('close', () => resolve(output.split('\n').slice(0, -1)));
  });
}

test('whenever it is killed, what was answered as erased is gone, and nothing else is', async () => {
  const { file: script, dispose } = await bundleScript(
    fileURLToPath(new URL('crash-eraser.ts', import.meta.url)),
  );
  onTestFinished(dispose);
  const file = join(await useFolder(), 'records.jsonl');
  const [stored, erased] = [new Set<string>(), new Set<string>()];
  for (let round = 0; round < 8; round++) {
    for (const line of await runUntilKilled(script, [file, String(round)], 20 + Math.random() * 300)) {
      const [what, id = ''] = line.split(' ');
      (what === 'erased' ? erased : stored).add(id);
    }
    const onDisk = readFileSync(file, 'utf8');
    expect([...erased].filter((id) => onDisk.includes(`content of ${id}.`))).toEqual([]);
    const store = await openFileStore({ file, maxRecords: 100_000 });
    const kept = new Set(await idsOf(store));
    const afterStart = readFileSync(file, 'utf8');
    const { records } = await store.put([...erased].map((id) => ({ ...numbered(0), id })));
    await store.close();
    expect([...erased].filter((id) => kept.has(id))).toEqual([]);
    expect(records).toEqual([]);
    // One erasure may have been under way. It is complete, or it has not begun.
    const missing = [...stored].filter((id) => !kept.has(id) && !erased.has(id));
    expect(missing.length).toBeLessThanOrEqual(1);
    for (const id of missing) erased.add(id);
    expect(missing.filter((id) => afterStart.includes(`content of ${id}.`))).toEqual([]);
  }
  expect(erased.size).toBeGreaterThan(20);
}, 60_000);
