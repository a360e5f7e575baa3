// Tests of the built package in isolated installs: the same ones with LangChain core 0.3, 1.0 and 1.4, and on Node 22 and 24;
// others with Google's Firebase client and emulators, in the place of the first Trubrics platform, or with the OTLP exporters of each major
// of the OpenTelemetry SDK; our handler and processor beside other libraries that trace, and behind agent frameworks (neighbours); the starts of the README with
// NodeSDK, Next.js and Sentry (starts); the files of examples/fleet (fleet).
//   npm run build && node test/compat/run.mjs [core-0.3 core-1.0 core-1.4 node-22 node-24 platform standalone runtimes clickhouse otlp-1 … fleet]
// Installs are kept in node_modules/.cache/compat. One that fails (no network) is skipped loudly; with CI set it is an error.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { install, putPackage } from './install.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const NEWEST = 'core-1.4';
const ALL = [
  'core-0.3',
  'core-1.0',
  NEWEST,
  'node-22',
  'node-24',
  'platform',
  'standalone',
  'runtimes',
  'clickhouse',
  'otlp-1',
  'otlp-2',
  'otlp-3',
  'neighbours',
  'starts',
  'fleet',
  'types',
];

/** Installs with an engine for tests of the sources, and those tests. */
const SOURCE_TESTS = {
  clickhouse: { folder: 'test/server/engines/clickhouse', variable: 'TRUBRICS_TEST_CHDB' },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !ALL.includes(name));
if (unknown.length > 0)
  throw new Error(`no such install: ${unknown.join(', ')}; there are ${ALL.join(', ')}`);

const failed = [];
const skipped = [];
for (const name of wanted.length > 0 ? wanted : ALL) {
  // Other versions of Node.js run the newest install.
  const other = name.startsWith('node-');
  const folder = install(other ? NEWEST : name);
  const nodeFolder = other ? install(name) : undefined;
  if (!folder || (other && !nodeFolder)) {
    skipped.push(name);
    continue;
  }
  if (SOURCE_TESTS[name]) {
    if (runSourceTests(SOURCE_TESTS[name], folder) !== 0) failed.push(name);
    continue;
  }
  await prepare(name, folder);
  const node = nodeFolder ? join(nodeFolder, 'node_modules/node/bin/node') : process.execPath;
  const tests = readdirSync(join(folder, 'test')).filter((file) => file.endsWith('.test.mjs'));
  console.log(`\n=== ${name}: ${run(node, ['--version'], folder).stdout.trim()}`);
  const files = tests.map((file) => `test/${file}`);
  // Tests of LangChain run a second time with the handler of ./standalone.
  const entries = hasOwnTests(name) ? ['langchain'] : ['langchain', 'standalone'];
  for (const entry of entries) {
    const env = { ...process.env, HANDLER_ENTRY: entry };
    // VoltAgent keeps a process alive.
    const force = name === 'neighbours' ? ['--test-force-exit'] : [];
    const { status } = run(
      node,
      ['--test', '--test-reporter=spec', ...force, ...files],
      folder,
      'inherit',
      env,
    );
    if (status !== 0) failed.push(entry === 'langchain' ? name : `${name} (./${entry})`);
  }
}

if (skipped.length > 0) console.error(`\nSKIPPED, because npm could not install it: ${skipped.join(', ')}`);
if (failed.length > 0) console.error(`\nFAILED: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 || (skipped.length > 0 && process.env.CI) ? 1 : 0;

/** Runs tests that `npm test` skips without the install. Returns the exit status. */
function runSourceTests({ folder, variable }, installed) {
  const vitest = ['vitest', 'run', '--config', 'test/vitest.config.ts', folder];
  return run('npx', vitest, root, 'inherit', { ...process.env, [variable]: installed }).status;
}

/** Copies the built package and the tests into an install: its own tests, or else the common ones of LangChain. */
async function prepare(name, folder) {
  putPackage(folder);
  const target = join(folder, 'test');
  const isOwn = hasOwnTests(name);
  const tests = testsOf(name);
  rmSync(target, { recursive: true, force: true });
  cpSync(isOwn ? tests : join(here, 'tests'), target, { recursive: true });
  if (['standalone', 'fleet'].includes(name))
    cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
  if (name === 'starts')
    for (const part of ['README.md', 'docs'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
  if (!isOwn || ['neighbours', 'starts'].includes(name)) await bundleModelServer(join(target, 'support'));
}

async function bundleModelServer(dir) {
  const bundle = await rolldown({ input: join(root, 'test/support/openai-server.ts'), platform: 'node' });
  await bundle.write({ dir, format: 'esm', entryFileNames: 'openai-server.mjs' });
  await bundle.close();
}

/** Folder of the tests of an install. Installs whose names differ by a number share one. */
function testsOf(name) {
  return join(here, name.replace(/^otlp-\d$/, 'otlp'), 'tests');
}

function hasOwnTests(name) {
  return existsSync(testsOf(name));
}

function run(command, args, cwd, stdio = 'pipe', env = process.env) {
  return spawnSync(command, args, { cwd, stdio, env, encoding: 'utf8' });
}
