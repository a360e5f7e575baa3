// Installs of pinned packages, kept in the folder of temporary files: below the repository they would find its packages as well, and Jest,
// Next.js and bundlers treat files below a `node_modules` as those of a library.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
/** One folder for each working copy: its tests and its package are copied there. */
const cache = join(
  tmpdir(),
  `trubrics-compat-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`,
);
/** Where test/support/use-clickhouse.ts and the benchmarks look for an engine. */
const engines = join(root, 'node_modules/.cache/compat');

/** Installs what `test/compat/<name>/package.json` pins, with the `.npmrc` beside it, unless it is installed. Returns the folder. */
export function install(name) {
  const manifest = readFileSync(join(here, name, 'package.json'), 'utf8');
  const settings = join(here, name, '.npmrc');
  const folder = join(name === 'clickhouse' ? engines : cache, name);
  const marker = join(folder, 'installed.json');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === manifest) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), manifest);
  if (existsSync(settings)) cpSync(settings, join(folder, '.npmrc'));
  const npm = ['install', '--no-package-lock', '--legacy-peer-deps', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', npm, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) {
    console.error(`\n!!! ${name} could not be installed:\n${stderr.trim().split('\n').slice(-5).join('\n')}`);
    return undefined;
  }
  writeFileSync(marker, manifest);
  return folder;
}

/** Puts the built package into an install, as npm would. */
export function putPackage(folder) {
  const target = join(folder, 'node_modules/opentelemetry-exporter-trubrics');
  rmSync(target, { recursive: true, force: true });
  for (const part of ['package.json', 'dist'])
    cpSync(join(root, part), join(target, part), { recursive: true });
}
