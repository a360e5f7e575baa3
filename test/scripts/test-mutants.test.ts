import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { useFolder } from '../support/use-folder.js';

const run = promisify(execFile);

const SOURCE = `export function ageOf(year, now) {
  if (year > now) return undefined;
  const age = now - year;
  return age + 0;
}
`;

const FILES = {
  'src/age.js': SOURCE,
  'test/vitest.config.ts': 'export default {};',
  'test/age.test.js': `
    import { expect, test } from 'vitest';
    import { ageOf } from '../src/age.js';
    test('an age', () => { expect(ageOf(2000, 2020)).toBe(20); });`,
  'test/never.test.js': `
    import { expect, test } from 'vitest';
    test('fails', () => { expect(1).toBe(2); });`,
};

/** Runs the script on a sample with these faults in \`src/age.js\`. Returns its lines, and whether it failed. */
async function plant(
  faults: readonly string[][],
  args: readonly string[] = [],
  testFile = 'test/age.test.js',
) {
  const folder = await useFolder();
  const list = { 'src/age.js': { tests: [testFile], faults } };
  const files = { ...FILES, 'test/mutants/sample.mjs': `export const mutants = ${JSON.stringify(list)};` };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await mkdir(join(folder, 'node_modules'));
  await symlink(join(process.cwd(), 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
  const start = async () => {
    const script = join(process.cwd(), 'scripts/test-mutants.mjs');
    const { stdout, stderr, hasFailed } = await run(process.execPath, [script, ...args], {
      cwd: folder,
    }).then(
      (result) => ({ ...result, hasFailed: false }),
      (error: { stdout: string; stderr: string }) => ({ ...error, hasFailed: true }),
    );
    return { lines: stdout.trim().split('\n'), stderr, hasFailed };
  };
  return { folder, start };
}

const KILLED = ['now - year', 'year - now'];
const SURVIVED = ['if (year > now) return undefined;', ''];
const EQUIVALENT = ['age + 0', 'age', 'equivalent: nothing is added'];

test(
  'planted faults are killed, survive or are equivalent, and the sources stay as they are',
  { timeout: 60_000 },
  async () => {
    const { folder, start } = await plant([KILLED, SURVIVED, EQUIVALENT]);
    const { lines, hasFailed } = await start();
    expect(lines.map((line) => line.trim()).filter(Boolean)).toEqual([
      'killed         src/age.js: now - year → year - now',
      'survived       src/age.js: if (year > now) return undefined; → (removed)',
      'equivalent     src/age.js: age + 0 → age',
      'equivalent: nothing is added',
      'src: 3 faults, 1 killed, 1 survived, 1 equivalent: 50 %',
      'all: 3 faults, 1 killed, 1 survived, 1 equivalent: 50 %',
    ]);
    expect(hasFailed).toBe(true);
    expect(await readFile(join(folder, 'src/age.js'), 'utf8')).toBe(SOURCE);
  },
);

test(
  'a run takes over what an earlier one found killed, if it is asked to',
  { timeout: 60_000 },
  async () => {
    const { folder, start } = await plant([KILLED], ['--resume']);
    expect(await start()).toMatchObject({ hasFailed: false });
    // Without Vitest, nothing can be run again.
    await rm(join(folder, 'node_modules/vitest'));
    const { lines, hasFailed } = await start();
    expect(lines.at(-1)).toBe('all: 1 faults, 1 killed: 100 %');
    expect(hasFailed).toBe(false);
  },
);

test('a fault that is called equivalent and is noticed makes a run fail', { timeout: 60_000 }, async () => {
  const { start } = await plant([[...KILLED, 'equivalent: so it seems']]);
  const { lines, hasFailed } = await start();
  expect(lines[0]).toContain('not equivalent src/age.js');
  expect(hasFailed).toBe(true);
});

test('a snippet that does not occur exactly once makes a run fail, also one that only counts', async () => {
  const { start } = await plant(
    [KILLED, ['no such snippet', ''], ['age', 'ages'], ['age + 0', 'age + 0']],
    ['--list'],
  );
  const { lines, stderr, hasFailed } = await start();
  expect(lines).toEqual(['src: 1 faults', 'all: 1 faults']);
  expect(stderr).toContain('"no such snippet" occurs 0 times, not once.');
  expect(stderr).toContain('"age" occurs 3 times, not once.');
  expect(stderr).toContain('"age + 0" is replaced by itself.');
  expect(hasFailed).toBe(true);
});

test.each([[[]], [['--check']]])(
  'a fault that is a syntax error makes a run with %j fail before a test is run',
  async (args) => {
    const { folder, start } = await plant([KILLED, ['return age + 0;', 'return age +;']], args);
    await rm(join(folder, 'node_modules/vitest'));
    const { stderr, hasFailed } = await start();
    expect(stderr).toContain('"return age + 0;" → "return age +;" is a syntax error');
    expect(hasFailed).toBe(true);
  },
);

test('a check of the snippets runs no test, and says what to do about one that is stale', async () => {
  const { folder, start } = await plant([KILLED], ['--check']);
  await rm(join(folder, 'node_modules/vitest'));
  expect(await start()).toEqual({ lines: [''], stderr: '', hasFailed: false });
  await writeFile(join(folder, 'src/age.js'), SOURCE.replace('now - year', 'now - born'));
  const { stderr, hasFailed } = await start();
  expect(stderr).toContain('"now - year" occurs 0 times, not once.');
  expect(stderr).toContain('test/README.md, "Planted faults"');
  expect(hasFailed).toBe(true);
});

test.each<[string, string]>([
  ['a field that changes', 'export class A {\n  #count = 0;\n}\n'],
  ['a field that is set later', 'export class A {\n  #last: string | undefined;\n}\n'],
  ['a field with a collection', 'export class A {\n  readonly #all = new Map<string, number>();\n}\n'],
  ['a variable of the module', 'let last = 1;\nexport const next = () => (last += 1);\n'],
  [
    'a collection of the module',
    'const seen = new Set<string>();\nexport const see = (x: string) => seen.add(x);\n',
  ],
])('a file with %s needs faults, or a reason to have none', async (_, source) => {
  const { folder, start } = await plant([KILLED], ['--check']);
  await writeFile(join(folder, 'src/state.ts'), source);
  const { stderr, hasFailed } = await start();
  expect(stderr).toContain('src/state.ts holds state and has no faults.');
  expect(hasFailed).toBe(true);
  const reasons = `export const mutants = {}; export const withoutFaults = { 'src/state.ts': 'a reason' };`;
  await writeFile(join(folder, 'test/mutants/without-faults.mjs'), reasons);
  expect(await start()).toMatchObject({ stderr: '', hasFailed: false });
});

test('a file without state needs no faults, and one that is gone needs no reason', async () => {
  const { folder, start } = await plant([KILLED], ['--check']);
  await writeFile(
    join(folder, 'src/table.ts'),
    "const KINDS = new Set(['a']);\nexport const isKind = (x: string) => KINDS.has(x);\n",
  );
  expect(await start()).toMatchObject({ stderr: '', hasFailed: false });
  const reasons = `export const mutants = {}; export const withoutFaults = { 'src/gone.ts': 'a reason' };`;
  await writeFile(join(folder, 'test/mutants/without-faults.mjs'), reasons);
  expect((await start()).stderr).toContain('src/gone.ts does not exist.');
});

test('every fault that is listed can be planted', async () => {
  const script = join(process.cwd(), 'scripts/test-mutants.mjs');
  const { stderr } = await run(process.execPath, [script, '--list']);
  expect(stderr).toBe('');
});

test('tests that fail without a fault kill none', { timeout: 60_000 }, async () => {
  const { start } = await plant([KILLED], [], 'test/never.test.js');
  const { stderr, hasFailed } = await start();
  expect(stderr).toContain('These fail without a fault: npm run test:only -- test/never.test.js');
  expect(hasFailed).toBe(true);
});

test('a run can be limited to a part of the path of a file', async () => {
  const { start } = await plant([KILLED], ['--list', 'src/other']);
  expect((await start()).lines).toEqual(['all: 0 faults']);
});
