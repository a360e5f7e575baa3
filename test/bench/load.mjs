// Measures what an application pays to import the package, in processor time, beyond the OpenTelemetry API, which it has loaded before. Each
// import runs in a process of its own, in turn: `npm run build && node test/bench/load.mjs`. TRUBRICS_DIST=…/dist/esm measures another build.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkGoal } from './support/goals.mjs';

const dist = process.env.TRUBRICS_DIST ?? fileURLToPath(new URL('../../dist/esm', import.meta.url));
const api = createRequire(import.meta.url).resolve('@opentelemetry/api');
const ROUNDS = 25;
/** Milliseconds on a quiet machine, or a share of the time that the API takes, which other load slows down as much. */
const LIMITS = { root: { ms: 25, ofApi: 1 }, './langchain': { ms: 5, ofApi: 0.25 } };

const folder = mkdtempSync(join(tmpdir(), 'bench-load-'));
const empty = join(folder, 'empty.mjs');
writeFileSync(empty, 'export {};');
const files = {
  api,
  root: join(dist, 'index.js'),
  './langchain': join(dist, 'langchain/index.js'),
  'an empty module': empty,
};
const times = {};
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, file] of Object.entries(files)) (times[name] ??= []).push(loadMs(file, name !== 'api'));
rmSync(folder, { recursive: true });

const quarters = Object.fromEntries(
  Object.entries(times).map(([name, all]) => [name, all.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 4)]]),
);
console.table(Object.entries(quarters).map(([name, ms]) => ({ import: name, 'ms of processor': ms })));
for (const [name, { ms, ofApi }] of Object.entries(LIMITS))
  checkGoal({
    measured: `loading ${name}`,
    value: quarters[name],
    unit: 'ms',
    limit: ms,
    beside: `or ${ofApi}x of the ${quarters.api} ms of the OpenTelemetry API`,
    isMet: quarters[name] <= ms || quarters[name] <= ofApi * quarters.api,
  });

/** Returns the milliseconds of processor time of one import in a new process. */
function loadMs(file, isAfterApi) {
  const first = isAfterApi ? `await import(${JSON.stringify(pathToFileURL(api))});` : '';
  const code = `${first} const start = process.cpuUsage(); await import(${JSON.stringify(pathToFileURL(file))});
    const { user, system } = process.cpuUsage(start); console.log((user + system) / 1e3);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
}
