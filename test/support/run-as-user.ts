import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The end of a child process. */
export interface ScriptResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Killed after this many milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default: the package's folder. */
  readonly cwd?: string;
}

/** Runs Node.js in the package's folder, with an environment that has no variables of this package or of the test but `env`. */
export function runNode(
  args: readonly string[],
  { env = {}, timeoutMs = 30_000, cwd = ROOT }: RunOptions = {},
): Promise<ScriptResult> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:TRUBRICS|OTEL|OPENAI|LANGCHAIN|LANGSMITH|NODE_OPTIONS|VITEST)/.test(name),
  );
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code, signal, stdout, stderr, durationMs: performance.now() - started }),
    );
  });
}

/** Runs the source of an ES module (`mjs`) or CommonJS module (`cjs`) that imports the built package by its name. */
export async function runScript(
  source: string,
  options: RunOptions & { readonly as?: 'mjs' | 'cjs' } = {},
): Promise<ScriptResult> {
  // Inside the package, so that its name and its development dependencies resolve.
  const folder = mkdtempSync(join(ROOT, 'dist', 'script-'));
  try {
    const file = join(folder, `script.${options.as ?? 'mjs'}`);
    writeFileSync(file, source);
    return await runNode([file], { cwd: folder, ...options });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
