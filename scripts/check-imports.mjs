// Checks that data flows one way through src/: which folder may import which, that no folders form a circle (types included), and that
// no folder grows too large. `node scripts/check-imports.mjs --picture [FOLDER]` prints the arrows as they are.
// (The usual import checkers cannot read TypeScript 7 yet. Circles between files are found by the linter, rule import/no-cycle.)
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

const OTEL = '@opentelemetry/api';

/** Files of src/ itself: entries of the package, nothing else. Each may import any folder but those listed here. */
const ENTRIES = {
  'index.ts': { not: ['langchain', 'standalone', 'node', 'server', 'cli'], packages: [] },
  'register.ts': { only: ['registration'], packages: [] },
  'register-required.ts': { only: ['registration'], packages: [] },
  'cli.ts': { only: ['cli', 'server'], packages: ['node:'] },
};

/** Folder of src/ → the other folders it may import, and the packages. `node:` stands for all modules of Node.js, a name with a hyphen at its end for all that begin so. */
const FOLDERS = {
  common: { imports: [], packages: [OTEL] },
  identity: { imports: ['common'], packages: [OTEL] },
  langchain: { imports: ['identity', 'common'], packages: [OTEL] },
  reading: { imports: ['common'], packages: [] },
  records: { imports: ['reading', 'common'], packages: [] },
  destinations: { imports: ['records', 'common'], packages: [] },
  delivery: { imports: ['destinations', 'common'], packages: [OTEL] },
  config: { imports: ['delivery', 'destinations', 'records', 'reading', 'common'], packages: [OTEL] },
  pipeline: {
    imports: ['config', 'delivery', 'destinations', 'records', 'reading', 'common'],
    packages: [OTEL],
  },
  otel: {
    imports: ['pipeline', 'config', 'identity', 'records', 'reading', 'common'],
    packages: [OTEL],
  },
  standalone: {
    imports: [
      'langchain',
      'otel',
      'pipeline',
      'config',
      'identity',
      'destinations',
      'records',
      'reading',
      'common',
    ],
    packages: [OTEL],
  },
  registration: {
    imports: ['standalone', 'langchain', 'otel', 'pipeline', 'config', 'common'],
    packages: [OTEL, 'node:'],
  },
  client: { imports: ['pipeline', 'config', 'identity', 'records', 'common'], packages: [OTEL] },
  feedback: { imports: ['records', 'common'], packages: [OTEL] },
  node: { imports: ['delivery', 'destinations', 'common'], packages: ['node:'] },
  server: {
    imports: ['delivery', 'destinations', 'records', 'reading', 'common'],
    packages: [
      'hono',
      '@hono/node-server',
      '@modelcontextprotocol/sdk',
      'node:',
      'preact',
      'uplot',
      'highlight.js',
      'lowlight',
      'mdast',
      'mdast-util-',
      'micromark-extension-',
    ],
  },
  transfer: {
    imports: ['server', 'delivery', 'destinations', 'records', 'reading', 'common'],
    packages: ['node:', 'hyparquet-writer'],
  },
  cli: {
    imports: ['transfer', 'server', 'node', 'config', 'destinations', 'reading', 'common'],
    packages: ['node:'],
  },
};

const MAX_FILES = 16;
/** One file per dialect. */
const UNBOUNDED = new Set(['reading/dialects']);

const sources = readdirSync('src', { recursive: true })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ file, imports: importsOf(file) }));

const picture = process.argv.indexOf('--picture');
if (picture === -1) check();
else printPicture(process.argv[picture + 1]);

function check() {
  const problems = [
    ...sources.flatMap(forbiddenImports),
    ...[1, 2, 3].flatMap(circlesBetweenFolders),
    ...foldersTooLarge(),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

function forbiddenImports({ file, imports }) {
  const rule = file.includes('/') ? FOLDERS[folderOf(file, 1)] : ENTRIES[file];
  if (!rule) return [`src/${file}: no rule in scripts/check-imports.mjs. Only entries lie loose in src/.`];
  return imports
    .filter((specifier) => !isAllowed(file, rule, specifier))
    .map(
      (specifier) =>
        `src/${file} must not import ${specifier}; it may import ${describe(rule)}. (The table is at the top of scripts/check-imports.mjs.)`,
    );
}

function isAllowed(file, rule, specifier) {
  if (!specifier.startsWith('.')) {
    return rule.packages.some((name) =>
      /[:-]$/.test(name)
        ? specifier.startsWith(name)
        : specifier === name || specifier.startsWith(`${name}/`),
    );
  }
  const target = folderOf(targetOf(file, specifier), 1);
  if (!(target in FOLDERS)) return false;
  if (!file.includes('/')) return rule.only ? rule.only.includes(target) : !rule.not.includes(target);
  return target === folderOf(file, 1) || rule.imports.includes(target);
}

function circlesBetweenFolders(depth) {
  const arrows = arrowsAt(depth);
  return circles(arrows).map((folders) => {
    const causes = folders.flatMap((from) =>
      [...(arrows.get(from) ?? [])].flatMap(([to, files]) =>
        folders.includes(to) ? [`  ${from} → ${to}: ${files.join(', ')}`] : [],
      ),
    );
    return (
      `Folders import each other in a circle: ${folders.join(', ')}\n${causes.join('\n')}\n` +
      '  Types count too. Move what both need into a folder that neither of them is, often `model/` or `common/`.'
    );
  });
}

/** Folder → imported folder → the files that import it. A folder is cut off at `depth` names; entries of src/ are left out. */
function arrowsAt(depth, inside = '') {
  const arrows = new Map();
  for (const { file, imports } of sources) {
    const from = folderOf(file, depth);
    if (from === '' || !file.startsWith(inside)) continue;
    for (const specifier of imports) {
      if (!specifier.startsWith('.')) continue;
      const to = folderOf(targetOf(file, specifier), depth);
      if (to === '' || to === from) continue;
      if (!arrows.has(from)) arrows.set(from, new Map());
      const targets = arrows.get(from);
      targets.set(to, [...new Set([...(targets.get(to) ?? []), file])]);
    }
  }
  return arrows;
}

/** The groups of folders that can reach each other (Tarjan's strongly connected components of more than one node). */
function circles(arrows) {
  const order = new Map();
  const lowest = new Map();
  const stack = [];
  const found = [];
  const visit = (node) => {
    order.set(node, order.size);
    lowest.set(node, order.get(node));
    stack.push(node);
    for (const next of arrows.get(node)?.keys() ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node), lowest.get(next)));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) found.push(group);
  };
  for (const node of arrows.keys()) if (!order.has(node)) visit(node);
  return found;
}

function foldersTooLarge() {
  const sizes = new Map();
  for (const { file } of sources) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1);
  return [...sizes]
    .filter(([folder, size]) => size > MAX_FILES && !UNBOUNDED.has(folder))
    .map(
      ([folder, size]) =>
        `src/${folder} has ${size} files; ${MAX_FILES} at most. Group what belongs together.`,
    );
}

/** Prints one line for each folder and those it imports: the folders of src/, or the subfolders of one of them. */
function printPicture(folder) {
  const arrows = folder ? arrowsAt(folder.split('/').length + 1, `${folder}/`) : arrowsAt(1);
  for (const [from, targets] of [...arrows].sort(([a], [b]) => a.localeCompare(b))) {
    console.log(`${from} → ${[...targets.keys()].toSorted((a, b) => a.localeCompare(b)).join(', ')}`);
  }
}

/** The folder of a file below src/, of at most `depth` names: `reading/content` of `reading/content/request.ts`. */
function folderOf(file, depth) {
  return dirname(`./${file}`)
    .split('/')
    .slice(1, depth + 1)
    .join('/');
}

function targetOf(file, specifier) {
  return normalize(join(dirname(file), specifier));
}

/** What a file imports or re-exports, types and `import()` included. */
function importsOf(file) {
  const found = [];
  const visit = (node) => {
    if (typeof node !== 'object' || node === null) return;
    if (typeof node.type === 'string' && typeof node.source?.value === 'string')
      found.push(node.source.value);
    for (const child of Object.values(node)) {
      if (Array.isArray(child)) child.forEach(visit);
      else visit(child);
    }
  };
  visit(parseAst(readFileSync(`src/${file}`, 'utf8'), { lang: file.endsWith('x') ? 'tsx' : 'ts' }));
  return found;
}

function describe({ imports, only, not, packages }) {
  const folders = imports ?? only ?? Object.keys(FOLDERS).filter((folder) => !not.includes(folder));
  return [...folders, ...packages].join(', ');
}
