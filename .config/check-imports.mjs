// Proves that data flows one way: what each folder of src/ may import is written here, once, and everything else is an error.
// (No cruiser of dependencies reads TypeScript 7 yet; circles are found by the linter, rule import/no-cycle.)
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const BASE = ['semconv', 'content-channel', 'context', 'quote-json'];
const OTEL = ['@opentelemetry/api'];

/** Folder → other folders and root files of src/ that it may import, and packages. `*`: every root file that is no entry. */
const ALLOWED = {
  langchain: { rooms: BASE, packages: OTEL },
  reading: { rooms: BASE, packages: [] },
  records: { rooms: [...BASE, 'reading'], packages: ['@noble/hashes'] },
  destinations: {
    rooms: ['environment', 'option-names', 'quote-json', 'records', 'reading'],
    packages: ['@noble/hashes'],
  },
  delivery: { rooms: ['destinations', 'records'], packages: OTEL },
  tracking: { rooms: [...BASE, 'baggage', 'records', 'reading'], packages: OTEL },
  recording: {
    rooms: [...BASE, 'tracking', 'guard', 'options', 'delivery', 'destinations', 'records', 'reading'],
    packages: OTEL,
  },
  feedback: { rooms: ['guard', 'records'], packages: OTEL },
  node: { rooms: ['option-names', 'delivery', 'destinations', 'records'], packages: ['node:'] },
  server: {
    rooms: ['option-names', 'reading', 'records', 'delivery', 'destinations', 'semconv'],
    packages: ['hono', '@hono/node-server', 'node:', 'preact', 'uplot'],
  },
  cli: { rooms: ['server', 'destinations'], packages: ['node:'] },
};

/** Root files that are entries of their own and may reach further than the root entry does. */
const ENTRIES = {
  cli: { rooms: ['cli', 'server'], packages: ['node:'] },
  register: { rooms: ['*', 'langchain'], packages: [...OTEL, 'node:'] },
};

/** The rest of the root: it runs everywhere, so it imports nothing but the OpenTelemetry API. */
const ROOT = {
  rooms: ['*', 'tracking', 'recording', 'feedback', 'delivery', 'destinations', 'records', 'reading'],
  packages: OTEL,
};

const files = readdirSync('src', { recursive: true }).map((file) => `src/${file}`);
const problems = files.filter((file) => /\.tsx?$/.test(file)).flatMap(check);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function check(file) {
  const room = roomOf(file);
  const rule = file.split('/').length > 2 ? ALLOWED[room] : (ENTRIES[room] ?? ROOT);
  if (!rule) return [`${file}: no rule for the folder ${room} in .config/check-imports.mjs`];
  return importsOf(file)
    .filter((specifier) => !isAllowed(file, room, rule, specifier))
    .map((specifier) => `${file} must not import ${specifier}: ${room} may import ${describe(rule)}.`);
}

function isAllowed(file, room, rule, specifier) {
  // The page shows a snippet that imports this package: text, not an import.
  if (specifier.startsWith('opentelemetry-exporter-trubrics')) return true;
  if (!specifier.startsWith('.')) {
    return rule.packages.some(
      (name) => specifier === name || specifier.startsWith(name.endsWith(':') ? name : `${name}/`),
    );
  }
  const target = normalize(join(dirname(file), specifier));
  const targetRoom = roomOf(target);
  const isRootFile = target.split('/').length === 2;
  if (targetRoom === room && isRootFile === (file.split('/').length === 2)) return true;
  return (
    rule.rooms.includes(targetRoom) || (isRootFile && rule.rooms.includes('*') && !(targetRoom in ENTRIES))
  );
}

/** `src/reading/x.ts` is in the room `reading`, `src/options.ts` is the room `options`. */
function roomOf(path) {
  return path.split('/')[1].replace(/\.[jt]sx?$/, '');
}

function importsOf(file) {
  const source = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return [
    ...source.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3]);
}

function describe({ rooms, packages }) {
  return [...rooms, ...packages].join(', ');
}
