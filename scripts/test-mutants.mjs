// Plants faults in a copy of the sources, one at a time, and runs the tests that should notice: `npm run test:mutants`. Not part of CI.
//
//     npm run test:mutants -- [part of a source path …] [--resume] [--list | --check]
//
// `test/mutants/*.mjs` holds the faults. `--resume` takes over what earlier runs found killed; `--list` counts the faults and runs nothing;
// `--check` only proves that each snippet occurs exactly once and leaves a program, in a second or two: part of `npm run check`.
// Fails if a fault survives, if one that is called equivalent is noticed, if tests fail without a fault, if a snippet does not occur exactly
// once, or if a fault is a syntax error. The last two are found before any test is run.
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { styleText } from 'node:util';
import { findSyntaxErrors } from './mutants/find-syntax-errors.mjs';
import { printScore } from './mutants/print-score.mjs';
import { readFaults } from './mutants/read-faults.mjs';
import { TestRunner } from './mutants/test-runner.mjs';

const ROOT = process.cwd();
/** Keys of the faults that were killed, one a line. */
const RESULTS = join(ROOT, 'node_modules/.cache/test-mutants');
const NOT_COPIED = new Set(['.git', 'node_modules', 'dist', 'examples']);

const args = process.argv.slice(2);
const parts = args.filter((arg) => !arg.startsWith('--'));
const { faults, problems } = await readFaults(ROOT, parts);
problems.push(...findSyntaxErrors(faults));
for (const problem of new Set(problems)) console.error(styleText('red', problem));
if (problems.length > 0) {
  console.error('Mend or remove these faults in test/mutants: test/README.md, "Planted faults".');
  process.exitCode = 1;
}
if (args.includes('--list')) printScore(faults);
else if (!args.includes('--check') && problems.length === 0) await runAll();

async function runAll() {
  const killed = new Set(args.includes('--resume') ? readResults() : []);
  const sandbox = copyOfSources();
  const runner = new TestRunner(sandbox);
  process.on('exit', () => {
    runner.stop();
    rmSync(sandbox, { recursive: true, force: true, maxRetries: 3 });
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
  /** Whether tests pass without a fault, by their names. */
  const checkedTests = new Map();
  for (const fault of faults) {
    const key = keyOf(fault, sandbox);
    fault.outcome = killed.has(key) ? 'killed' : await outcomeOf(fault, sandbox, runner, checkedTests);
    if (fault.outcome === 'killed' && !killed.has(key)) saveResult(key);
    printFault(fault);
  }
  runner.stop();
  printScore(faults);
  if (faults.some(({ outcome }) => outcome !== 'killed' && outcome !== 'equivalent')) process.exitCode = 1;
  for (const [names, doPass] of checkedTests)
    if (!doPass) console.error(styleText('red', `These fail without a fault: npm run test:only -- ${names}`));
}

/** Plants one fault, runs its tests, and restores the file. Tests that fail without a fault say nothing: `not tested`. */
async function outcomeOf({ file, source, mutated, tests, reason }, sandbox, runner, checkedTests) {
  const names = tests.join(' ');
  const doPass = () => runner.passes(tests, file);
  // Twice, because the machine may be busy.
  if (!checkedTests.has(names)) checkedTests.set(names, (await doPass()) || (await doPass()));
  if (!checkedTests.get(names)) return 'not tested';
  const path = join(sandbox, file);
  writeFileSync(path, mutated);
  const isUnnoticed = await runner.passes(tests, file);
  writeFileSync(path, source);
  if (reason !== undefined) return isUnnoticed ? 'equivalent' : 'not equivalent';
  return isUnnoticed ? 'survived' : 'killed';
}

function copyOfSources() {
  const sandbox = mkdtempSync(join(tmpdir(), 'mutants-'));
  const isCopied = (path) => !NOT_COPIED.has(relative(ROOT, path).split(sep)[0]);
  cpSync(ROOT, sandbox, { recursive: true, filter: isCopied });
  // Servers for teams serve the built page, so that their tests need it.
  for (const linked of ['node_modules', 'dist']) symlinkSync(join(ROOT, linked), join(sandbox, linked));
  return sandbox;
}

/** Key of a result. It holds as long as the fault, its file and its tests are the same. */
function keyOf({ file, mutated, tests }, sandbox) {
  const hash = createHash('sha256').update(JSON.stringify([file, mutated]));
  // Of the copy: the tests may be edited while a run goes on.
  for (const test of tests) hash.update(readFileSync(join(sandbox, test)));
  return hash.digest('hex');
}

function readResults() {
  return existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8').split('\n') : [];
}

/** Appends, so that runs of several folders may go on side by side. */
function saveResult(key) {
  mkdirSync(dirname(RESULTS), { recursive: true });
  appendFileSync(RESULTS, `${key}\n`);
}

function printFault({ file, find, replacement, outcome, reason }) {
  const color = outcome === 'killed' ? 'green' : outcome === 'equivalent' ? 'gray' : 'red';
  const change = `${oneLine(find)} → ${oneLine(replacement) || '(removed)'}`;
  console.log(`${styleText(color, outcome.padEnd(14))} ${file}: ${change}`);
  if (reason !== undefined) console.log(styleText('gray', `${' '.repeat(15)}${reason}`));
}

function oneLine(text) {
  return text.replaceAll(/\s+/g, ' ').trim();
}
