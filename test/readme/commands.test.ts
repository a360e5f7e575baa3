import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allSnippets, readDocument, ROOT, USER_DOCUMENTS } from './documents.js';

/** Sources of the package, in which its variables and the usage of its commands are written. */
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => ({ path, text: readDocument(`src/${path}`) }));
const usage = sources
  .filter(({ path }) => path.endsWith('usage.ts'))
  .map(({ text }) => text)
  .join('\n');

const commands = allSnippets()
  .filter(({ language, name }) => /^(?:sh|bash|shell|console)$/.test(language) && name === undefined)
  .flatMap(({ source, document }) =>
    source
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== '')
      .flatMap((line) => line.split(' && '))
      .map((command) => ({ command, document })),
  );

test('every command in the documentation is one that works', () => {
  expect(commands.length).toBeGreaterThan(15);
  const problems = commands.flatMap(({ command, document }) =>
    problemsOf(command, document).map((problem) => `${document}: ${command}: ${problem}`),
  );
  expect(problems).toEqual([]);
});

test.each([
  ['npm install opentelemetry-exporter-trubrik', 'opentelemetry-exporter-trubrik is tried by no test'],
  ['npm run demos', 'no such script'],
  ['npx opentelemetry-exporter-trubrics dev --prot 1', 'no option --prot'],
  ['npx opentelemetry-exporter-trubrics devs', 'no command devs'],
  ['export TRUBRICS_HOTS=1', 'no such variable'],
  ['export TRUBRICS_HOST=http://127.0.0.1:8782', 'not an address of the ingestion API'],
  ['node --import ./tracings.mjs app.mjs', 'the document names no file tracings.mjs'],
  ['node examples/demos.mjs', 'no such file'],
  ['trubrics dev', 'unknown command'],
])('the check of commands finds what is wrong with "%s"', (command, problem) => {
  expect(problemsOf(command, 'README.md')).toEqual([problem]);
});

describe('addresses', () => {
  const texts = USER_DOCUMENTS.map((document) => ({ document, text: readDocument(document) }));

  test('wherever the host of records is written, it ends in /api/ingestion', () => {
    const values = texts.flatMap(({ document, text }) =>
      [...text.matchAll(/(?:TRUBRICS_HOST|\bhost)(?:=| = |: )['"`]?(https?:[^\s'"`]+)/g)].map(
        ([, value]) => ({
          document,
          value,
        }),
      ),
    );
    expect(values.length).toBeGreaterThan(3);
    expect(values.filter(({ value }) => !value?.endsWith('/api/ingestion'))).toEqual([]);
  });
});

function problemsOf(command: string, document: string): readonly string[] {
  const [program = '', ...args] = command.split(/\s+/);
  switch (program) {
    case 'npm':
      return problemsOfNpm(args);
    case 'npx':
      return args[0] === 'opentelemetry-exporter-trubrics' ? problemsOfOurs(args.slice(1)) : [];
    case 'export':
      return problemsOfVariable(args.join(' '));
    case 'node':
      return args.flatMap((arg) => problemsOfFile(arg, document));
    // Programs of Python, which no test of this package runs.
    case 'pip':
    case 'opentelemetry-instrument':
      return [];
    default:
      return ['unknown command'];
  }
}

function problemsOfNpm([command = '', ...args]: readonly string[]): readonly string[] {
  if (command === 'ci' || command === 'cit') return [];
  const { scripts, name } = manifest('package.json');
  if (command === 'run') return Object.hasOwn(scripts ?? {}, args[0] ?? '') ? [] : ['no such script'];
  if (command !== 'install') return ['unknown command'];
  const tried = new Set([name, ...installed()]);
  return args
    .map((arg) => arg.replace(/(?<=.)@.*$/, ''))
    .filter((arg) => !tried.has(arg))
    .map((arg) => `${arg} is tried by no test`);
}

/** Returns the packages that tests use: the development dependencies, and those of the isolated installs. */
function installed(): readonly string[] {
  const installs = readdirSync(join(ROOT, 'test/compat'))
    .map((name) => `test/compat/${name}/package.json`)
    .filter((path) => existsSync(join(ROOT, path)));
  return ['package.json', ...installs].flatMap((path) => {
    const { dependencies, devDependencies } = manifest(path);
    return Object.keys({ ...dependencies, ...devDependencies });
  });
}

interface Manifest {
  readonly name?: string;
  readonly scripts?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

function manifest(path: string): Manifest {
  return JSON.parse(readDocument(path)) as Manifest;
}

function problemsOfOurs(args: readonly string[]): readonly string[] {
  const [command = '', ...rest] = args;
  if (!new RegExp(`^ +${command}\\b`, 'm').test(usage)) return [`no command ${command}`];
  const end = rest.indexOf('--');
  return (end === -1 ? rest : rest.slice(0, end))
    .filter((arg) => arg.startsWith('--') && !usage.includes(`${arg} `))
    .map((arg) => `no option ${arg}`);
}

/** Variables of other programs. */
const OTHER_VARIABLES = /^(?:OTEL_\w+|OPENAI_API_KEY)$/;

function problemsOfVariable(assignment: string): readonly string[] {
  const [name = '', value = ''] = assignment.split('=');
  const known = sources.some(({ text }) => text.includes(`'${name}'`) || text.includes(`${name} `));
  if (!known && !OTHER_VARIABLES.test(name)) return ['no such variable'];
  if (name === 'TRUBRICS_HOST' && !value.endsWith('/api/ingestion'))
    return ['not an address of the ingestion API'];
  return [];
}

/** Checks an argument of Node.js: a file of the repository, one that the document names in its text, or our entry. */
function problemsOfFile(argument: string, document: string): readonly string[] {
  if (argument.startsWith('--') || argument === 'opentelemetry-exporter-trubrics/register') return [];
  if (argument.startsWith('examples/')) return existsSync(join(ROOT, argument)) ? [] : ['no such file'];
  const file = argument.replace(/^\.\//, '');
  return readDocument(document).includes(`\`${file}\``) ? [] : [`the document names no file ${file}`];
}
