// Runs the compatibility matrix: tests of the built package in isolated installs of what stands beside it. The cases are in cases.mjs.
//   npm run build && node test/compat/run.mjs [--ci] [--write] [NAME …]
// Without a name all cases run, with `--ci` those that CI runs. A name is a case, or an install, which stands for all its cases.
// `--write` notes the results in results.json and writes docs/matrix.md.
// Installs are kept in the folder of temporary files. One that fails (no network), or a program that is missing, is skipped loudly; with
// CI set it is an error.
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { spawnSync } from 'node:child_process';
import { rolldown } from 'rolldown';
import { CASES, casesOf } from './cases.mjs';
import { install, putPackage } from './install.mjs';
import { writeResults } from './results.mjs';
import { findTool } from './tools.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

const { values, positionals } = parseArgs({
  options: { ci: { type: 'boolean' }, write: { type: 'boolean' } },
  allowPositionals: true,
});
const outcomes = new Map();
/** The folders of tests that installs hold beside the package. */
const prepared = new Map();
for (const one of chosenCases()) {
  const started = performance.now();
  const outcome = await runCase(one);
  outcomes.set(one.name, outcome);
  const seconds = Math.round((performance.now() - started) / 1000);
  if (outcome.skipped) console.error(`\n!!! ${one.name} is SKIPPED: ${outcome.skipped}`);
  else console.log(`=== ${one.name}: ${outcome.passed ? 'passed' : 'FAILED'} after ${seconds} s`);
}
if (values.write) await writeResults(outcomes);

const namesOf = (predicate) =>
  [...outcomes].filter(([, outcome]) => predicate(outcome)).map(([name]) => name);
const skipped = namesOf((outcome) => outcome.skipped);
const failed = namesOf((outcome) => !outcome.skipped && !outcome.passed);
if (skipped.length > 0) console.error(`\nSKIPPED: ${skipped.join(', ')}`);
if (failed.length > 0) console.error(`\nFAILED: ${failed.join(', ')}`);
console.log(`\n${outcomes.size} cases: ${outcomes.size - failed.length - skipped.length} passed`);
process.exitCode = failed.length > 0 || (skipped.length > 0 && process.env.CI) ? 1 : 0;

function chosenCases() {
  const unknown = positionals.filter((name) => casesOf(name).length === 0);
  if (unknown.length > 0)
    throw new Error(
      `no such case: ${unknown.join(', ')}; there are ${CASES.map(({ name }) => name).join(', ')}`,
    );
  const named = positionals.length > 0 ? positionals.flatMap(casesOf) : CASES;
  return values.ci ? named.filter(({ ci }) => ci) : named;
}

/** Runs the tests of a case. Returns whether they passed, and with which Node.js, or why they were skipped. */
async function runCase(one) {
  const missing = (one.needs ?? []).filter((name) => findTool(name) === undefined);
  if (missing.length > 0) return { skipped: `not installed: ${missing.join(', ')}` };
  const folder = install(one.install);
  const nodeFolder = one.node && install(one.node);
  if (!folder || (one.node && !nodeFolder)) return { skipped: 'npm could not install it' };
  if (one.source) return { passed: runSourceTests(one.source, folder), node: process.version };
  await prepare(one, folder);
  const node = nodeFolder ? join(nodeFolder, 'node_modules/node/bin/node') : process.execPath;
  const version = run(node, ['--version'], folder).stdout.trim();
  console.log(`\n=== ${one.name}, Node.js ${version}`);
  const entries = one.bothHandlers ? ['langchain', 'standalone'] : ['langchain'];
  const passed = entries.map((entry) => runTests(one, folder, node, entry)).every(Boolean);
  return { passed, node: version };
}

/** Runs tests in an install. Those of LangChain take the handler of the entry that `HANDLER_ENTRY` names. */
function runTests({ file, pattern, forceExit }, folder, node, entry) {
  const files = readdirSync(join(folder, 'test')).filter((name) =>
    file ? name === file : name.endsWith('.test.mjs'),
  );
  if (files.length === 0) throw new Error(`there is no test ${file}`);
  const args = [
    '--test',
    '--test-reporter=spec',
    ...(forceExit ? ['--test-force-exit'] : []),
    ...(pattern ? [`--test-name-pattern=${pattern}`] : []),
    ...files.map((name) => `test/${name}`),
  ];
  return (
    run(node, args, folder, 'inherit', {
      ...process.env,
      HANDLER_ENTRY: entry,
      TRUBRICS_CHROMIUM: findTool('chromium'),
    }).status === 0
  );
}

/** Runs tests that `npm test` skips without the install. */
function runSourceTests({ folder, variable }, installed) {
  const vitest = ['vitest', 'run', '--config', 'test/vitest.config.ts', folder];
  return run('npx', vitest, root, 'inherit', { ...process.env, [variable]: installed }).status === 0;
}

/** Copies the built package and the tests into an install. */
async function prepare({ install: name, tests }, folder) {
  if (prepared.get(name) === tests) return;
  prepared.set(name, tests);
  putPackage(folder);
  const target = join(folder, 'test');
  rmSync(target, { recursive: true, force: true });
  cpSync(join(here, tests, 'tests'), target, { recursive: true });
  for (const part of ['README.md', 'docs', 'examples']) {
    rmSync(join(folder, part), { recursive: true, force: true });
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  await bundleModelServer(target);
}

/** Puts the local OpenAI beside the helpers of the tests. */
async function bundleModelServer(tests) {
  const dir = join(tests, 'support');
  const bundle = await rolldown({ input: join(root, 'test/support/openai-server.ts'), platform: 'node' });
  await bundle.write({ dir, format: 'esm', entryFileNames: 'openai-server.mjs' });
  await bundle.close();
}

function run(command, args, cwd, stdio = 'pipe', env = process.env) {
  return spawnSync(command, args, { cwd, stdio, env, encoding: 'utf8' });
}
