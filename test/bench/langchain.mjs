// Measures what a handler adds to a LangChain call, in one process: no handler, an empty awaited one, ours, Langfuse's and
// OpenInference's. Usage: npm run build && node test/bench/langchain.mjs
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, putPackage } from '../compat/install.mjs';

const folder = install('peers');
if (folder) {
  putPackage(folder);
  const worker = join(folder, 'langchain.worker.mjs');
  for (const file of ['langchain.worker.mjs', 'langchain-calls.mjs', 'goals.mjs'])
    copyFileSync(fileURLToPath(new URL(`support/${file}`, import.meta.url)), join(folder, file));
  const { status } = spawnSync(process.execPath, [worker, ...process.argv.slice(2)], {
    cwd: folder,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  console.error('SKIPPED: the peers could not be installed');
  process.exitCode = process.env.CI ? 1 : 0;
}
