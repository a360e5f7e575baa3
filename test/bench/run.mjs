// Runs every benchmark in this folder, one after the other, each in a process of its own: npm run bench [name …]
// `server` runs `server` and `server-answers`. Prints one table of all goals in the end, and fails if one is missed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs') && file !== basename(import.meta.filename))
  .map((file) => file.slice(0, -'.mjs'.length))
  .filter((name) => wanted.length === 0 || wanted.some((one) => name === one || name.startsWith(`${one}-`)));

const temporary = mkdtempSync(join(tmpdir(), 'bench-goals-'));
const loadBefore = loadavg()[0];
const rows = names.flatMap(run);
rmSync(temporary, { recursive: true });
console.log(
  `\n=== all goals; load of the machine ${loadBefore.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after`,
);
console.table(rows);
if (rows.some(({ met }) => !met)) process.exitCode = 1;

/** Runs a benchmark, and returns the rows of its goals. One that fails for another reason has a row that says so. */
function run(name) {
  console.log(`\n=== ${name}`);
  const goals = join(temporary, name);
  writeFileSync(goals, '');
  const { status } = spawnSync(process.execPath, ['--expose-gc', `${folder}${name}.mjs`], {
    stdio: 'inherit',
    env: { ...process.env, BENCH_GOALS: goals },
  });
  const found = readFileSync(goals, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ bench: name, ...JSON.parse(line) }));
  const isExplained = status === 0 || found.some(({ met }) => !met);
  return isExplained && found.length > 0
    ? found
    : [...found, { bench: name, measured: 'the whole', value: `exit code ${status}`, met: status === 0 }];
}
