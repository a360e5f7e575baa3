import { spawn } from 'node:child_process';
import { bundleScript } from './bundle-script.js';

export interface ScriptRun {
  readonly exitCode: number | null;
  readonly output: string;
  /** From the first output, which has to be the line "started", to the end of the process. */
  readonly durationMs: number;
}

/** Bundles a TypeScript file of the tests and runs it in a Node process of its own. */
export async function runBundled(path: string, args: readonly string[]): Promise<ScriptRun> {
  const { file, dispose } = await bundleScript(path);
  try {
    return await run(file, args);
  } finally {
    await dispose();
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
