import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles the command as it is in src, below the package's root, and returns the file with how to remove it. */
export async function buildCli(): Promise<{ file: string; remove: () => void }> {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'cli-'));
  const bundle = await rolldown({ input: join(root, 'src/cli.ts'), platform: 'node', external: /^[^./]/ });
  const file = join(folder, 'cli.mjs');
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Run {
  readonly child: ChildProcess;
  /** The output so far. */
  output(): { stdout: string; stderr: string };
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Runs a command as a process of its own, which ends with the test at the latest. */
export function run(file: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (written.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (written.stderr += data.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, ...written })),
  );
  return { child, ended, output: () => written };
}
