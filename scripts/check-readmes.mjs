// Checks that src/ and every folder below it have a README.md in one shape, whose map names each file and subfolder, and nothing else; that
// the names which it places in a file ("`MAX` in `queue.ts`") are there, also in CONTRIBUTING.md; and that test/README.md and
// scripts/README.md name each helper and each script.
// `node scripts/check-readmes.mjs [ROOT]`: ROOT is a directory with a `src` in it, this repository by default.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether a folder without a README.md fails the check. Otherwise it is only reported. */
const MISSING_FAILS = true;
const MAX_LINES = 40;
const SECTIONS = ['Map', 'Must not know', 'Likely changes'];
const LIKELY_CHANGES = 3;
/** "`A`, `B` and `C()` in `file.ts`". */
const NAMES_IN_FILE = /((?:`[^`\n]+`(?:, and |, | and | or ))*`[^`\n]+`) in `([\w@./-]+\.(?:tsx?|mjs))`/g;

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

const missing = [];
const problems = [];
for (const folder of [src, ...foldersBelow(src)]) {
  const readme = join(folder, 'README.md');
  if (existsSync(readme)) problems.push(...problemsOf(folder, readFileSync(readme, 'utf8')));
  else missing.push(name(folder));
}
problems.push(...tableProblems('test/README.md', 'test/support'));
problems.push(...tableProblems('scripts/README.md', 'scripts'), ...contributingProblems());
if (missing.length > 0) console.error(`${missing.length} folders have no README.md: ${missing.join(', ')}`);
for (const problem of problems) console.error(problem);
if (problems.length > 0 || (MISSING_FAILS && missing.length > 0)) {
  console.error('CONTRIBUTING.md, section "Signs", shows the shape of a README.md.');
  process.exitCode = 1;
}

/** Returns all folders below `folder`, at any depth. */
function foldersBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .flatMap((child) => [child, ...foldersBelow(child)]);
}

function problemsOf(folder, text) {
  const [head = '', ...sections] = text.trimEnd().split(/^## /m);
  const bodies = new Map(sections.map((section) => split(section)));
  const found = [
    ...linesProblems(text),
    ...headProblems(folder, head),
    ...sectionProblems([...bodies.keys()]),
    ...mapProblems(folder, bodies.get('Map') ?? ''),
    ...proseProblems(bodies),
    ...pathProblems(folder, text),
    ...identifierProblems(folder, text),
  ];
  return found.map((problem) => `${name(folder)}/README.md: ${problem}`);
}

/** Splits a section into its title, which is the first line, and its body. */
function split(section) {
  const end = section.indexOf('\n');
  return end === -1 ? [section.trim(), ''] : [section.slice(0, end).trim(), section.slice(end + 1).trim()];
}

function linesProblems(text) {
  const lines = text.trimEnd().split('\n').length;
  return lines > MAX_LINES ? [`${lines} lines; ${MAX_LINES} at most.`] : [];
}

function headProblems(folder, head) {
  const [title, job, flow, ...more] = head.trim().split(/\n{2,}/);
  const wanted = `# ${relative(src, folder).split(sep).join('/') || 'src'}`;
  const found = [];
  if (title !== wanted) found.push(`begins with "${title}", not with "${wanted}".`);
  if (!/^[^*#\-\s].*\.$/s.test(job ?? '')) found.push('no sentence below the title that says the job.');
  if (!/^\*\*In:\*\* \S.*\*\*Out:\*\* \S/s.test(flow ?? ''))
    found.push('no paragraph "**In:** … **Out:** …" below the sentence.');
  if (more.length > 0) found.push(`more between the title and the map than wanted: "${more[0]}".`);
  return found;
}

function sectionProblems(titles) {
  return titles.join() === SECTIONS.join()
    ? []
    : [`sections are ${titles.join(', ') || 'missing'}; wanted are ${SECTIONS.join(', ')}.`];
}

/** Compares the names before the colons of the map with those in the folder. */
function mapProblems(folder, body) {
  const found = [];
  const named = [];
  for (const line of body.split('\n').filter(Boolean)) {
    const [, names] = /^- ((?:`[^`]+`(?:, )?)+): \S/.exec(line) ?? [];
    if (names) named.push(...codeIn(names));
    else found.push(`line of the map that is no "- \`name\`: text": "${line}".`);
  }
  const present = readdirSync(folder, { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .filter((entry) => entry !== 'README.md');
  const absent = present.filter((entry) => !named.includes(entry));
  const unknown = named.filter((entry) => !present.includes(entry));
  const repeated = named.filter((entry, index) => named.indexOf(entry) !== index);
  if (absent.length > 0) found.push(`the map does not name ${absent.join(', ')}.`);
  if (unknown.length > 0) found.push(`the map names ${unknown.join(', ')}, which the folder does not have.`);
  if (repeated.length > 0) found.push(`the map names ${repeated.join(', ')} twice.`);
  return found;
}

function proseProblems(bodies) {
  const found = [];
  if (bodies.get('Must not know') === '') found.push('nothing below "Must not know".');
  const changes = (bodies.get('Likely changes') ?? '').split('\n').filter(Boolean);
  if (changes.length !== LIKELY_CHANGES || changes.some((line) => !line.startsWith('- ')))
    found.push(`"Likely changes" has ${changes.length} lines; wanted are ${LIKELY_CHANGES} bullets.`);
  return found;
}

/** Finds paths in backquotes that lead nowhere. A placeholder is written with angle brackets: `<dialect>.ts`. */
function pathProblems(folder, text) {
  return codeIn(text)
    .filter((code) => /^[\w@./-]+(?:\.(?:tsx?|mjs|css|html|json|md|svg)|\/)$/.test(code))
    .filter((path) => pathOf(folder, path) === undefined)
    .map((path) => `\`${path}\` is neither below the folder, nor below src/, nor below the repository.`);
}

/** Finds names of code that a README places in a file which does not have them. Of `Intake.revise`, `revise` is looked for. */
function identifierProblems(folder, text) {
  return Array.from(text.matchAll(NAMES_IN_FILE)).flatMap(([, names, path]) => {
    const file = pathOf(folder, path);
    if (file === undefined) return [];
    const code = readFileSync(file, 'utf8');
    return codeIn(names)
      .filter((named) => /^[\w.]+(?:\([^)]*\))?$/.test(named))
      .filter((named) => !new RegExp(`\\b${/(\w+)(?:\(.*)?$/.exec(named)?.[1]}\\b`).test(code))
      .map((named) => `\`${named}\` is not in \`${path}\`: name what is there now, or where it went.`);
  });
}

/** Returns the file or folder that a path in a README leads to; undefined if there is none. */
function pathOf(folder, path) {
  return [folder, src, root].map((base) => join(base, path)).find((candidate) => existsSync(candidate));
}

/** Finds paths and names in CONTRIBUTING.md that lead nowhere. */
function contributingProblems() {
  const file = join(root, 'CONTRIBUTING.md');
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...pathProblems(root, text), ...identifierProblems(root, text)].map(
    (problem) => `CONTRIBUTING.md: ${problem}`,
  );
}

/** Compares the first column of the tables in a README.md with the entries of a folder. */
function tableProblems(readme, folder) {
  if (!existsSync(join(root, readme))) return [];
  const rows = readFileSync(join(root, readme), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) => codeIn(row.split('|')[1]));
  const present = readdirSync(join(root, folder), { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .filter((entry) => entry !== 'README.md');
  const unknown = named.filter((entry) => /\.m?ts$|\.mjs$/.test(entry) && !present.includes(entry));
  return [
    ...present
      .filter((entry) => !named.includes(entry))
      .map((entry) => `${readme}: the table does not name ${entry}.`),
    ...unknown.map((entry) => `${readme}: the table names ${entry}, which ${folder} does not have.`),
  ];
}

function codeIn(text) {
  return Array.from(text.matchAll(/`([^`\n]+)`/g), ([, code]) => code);
}

function name(folder) {
  return relative(root, folder).split(sep).join('/');
}
