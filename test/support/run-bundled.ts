import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

export interface ScriptRun {
  readonly exitCode: number | null;
  readonly output: string;
  /** From the line "started" in the output to the end of the process. */
  readonly durationMs: number;
}

/** Bundles a TypeScript file of the tests and runs it in a Node process of its own. */
export async function runBundled(path: string, args: readonly string[]): Promise<ScriptRun> {
  const dir = await mkdtemp(join(tmpdir(), 'run-bundled-'));
  try {
    const bundle = await rolldown({ input: path, platform: 'node', logLevel: 'silent' });
    await bundle.write({ dir, format: 'esm', entryFileNames: 'main.mjs' });
    await bundle.close();
    return await run(join(dir, 'main.mjs'), args);
  } finally {
    await rm(dir, { recursive: true });
  }
}

function run(file: string, args: readonly string[]): Promise<ScriptRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let startedMs = performance.now();
    const collect = (chunk: Buffer): void => {
      if (output === '') startedMs = performance.now();
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output, durationMs: performance.now() - startedMs }));
  });
}
