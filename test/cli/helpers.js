import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { onTestFinished } from 'vitest';
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Bundles the command as it is in src, below the package's root, and returns the file with how to remove it. */
export async function buildCli() {
    const cache = join(root, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, 'cli-'));
    const bundle = await rolldown({ input: join(root, 'src/cli.ts'), platform: 'node', external: /^[^./]/ });
    const file = join(folder, 'cli.mjs');
    await bundle.write({ file, format: 'esm' });
    await bundle.close();
    return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
/** Runs a command as a process of its own, which ends with the test at the latest. */
export function run(file, args, environment = {}) {
    const child = spawn(process.execPath, [file, ...args], {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const written = { stdout: '', stderr: '' };
    child.stdout.on('data', (data) => (written.stdout += data.toString()));
    child.stderr.on('data', (data) => (written.stderr += data.toString()));
    const ended = new Promise((resolve) => child.once('close', (code) => resolve({ code, ...written })));
    return { child, ended, output: () => written };
}
