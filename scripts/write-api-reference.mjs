// Writes docs/api/README.md, the reference of everything that an entry of the package exports, from the built declarations and their doc comments:
// `npm run build && npm run docs:api`. With `--check [FILE]`, fails if the page is out of date. (TypeDoc needs the compiler's JavaScript API, which
// TypeScript 7 does not have.)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const [mode, PAGE = 'docs/api/README.md'] = process.argv.slice(2);
const ENTRIES = [
  ['opentelemetry-exporter-trubrics', 'index'],
  ['opentelemetry-exporter-trubrics/langchain', 'langchain/index'],
  ['opentelemetry-exporter-trubrics/standalone', 'standalone/index'],
  ['opentelemetry-exporter-trubrics/node', 'node/index'],
  ['opentelemetry-exporter-trubrics/server', 'server/index'],
];
const HEAD = `# API reference

Made from the declarations and doc comments by \`npm run docs:api\`. [The other pages](../README.md) say
what to use when. This page is no part of the package, whose declarations have the same comments.
`;

const page = await format(HEAD + ENTRIES.map(([name, entry]) => sectionOf(name, entry)).join(''), {
  parser: 'markdown',
  embeddedLanguageFormatting: 'off',
});
if (mode !== '--check') {
  mkdirSync(dirname(PAGE), { recursive: true });
  writeFileSync(PAGE, page);
} else if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page) {
  console.error(`${PAGE} is out of date: npm run build && npm run docs:api`);
  process.exitCode = 1;
}

function sectionOf(name, entry) {
  const exported = exportsOf(`dist/cjs/${entry}.d.ts`).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return `\n## \`${name}\`\n${exported.map(([symbol, file]) => partOf(symbol, file)).join('')}`;
}

/** Returns the names that an entry exports, each with the file that declares it. */
function exportsOf(file) {
  const text = readFileSync(file, 'utf8');
  const all = [...text.matchAll(/^export \* from ['"](.+?)\.js['"];/gm)].flatMap(([, from]) =>
    exportsOf(fileOf(file, from)),
  );
  const named = [...text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from ['"](.+?)\.js['"])?;/gm)].flatMap(
    ([, names, from]) =>
      namesIn(names).map((name) => [
        name,
        from === undefined ? importOf(text, name, file) : fileOf(file, from),
      ]),
  );
  const own = [
    ...text.matchAll(/^export (?:declare )?(?:abstract )?(?:class|function|const|interface|type) (\w+)/gm),
  ].map(([, name]) => [name, file]);
  return [...new Map([...all, ...named, ...own])];
}

function namesIn(list) {
  return list
    .split(',')
    .map((part) => part.replace('type ', '').trim().split(' as ').at(-1))
    .filter((name) => name !== '');
}

function fileOf(file, from) {
  return join(dirname(file), `${from}.d.ts`);
}

function importOf(text, name, file) {
  const from = new RegExp(`import (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from ['"](.+?)\\.js['"]`).exec(
    text,
  )?.[1];
  return from === undefined ? file : fileOf(file, from);
}

function partOf(symbol, file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const starts = new RegExp(
    `^export (?:declare )?(?:abstract )?(?:class|function|interface|type|const) ${symbol}\\b`,
  );
  const found = lines.flatMap((line, at) => (starts.test(line) ? [at] : []));
  if (found.length === 0) throw new Error(`${file} does not declare ${symbol}`);
  const code = found.map((at) => declarationAt(lines, at)).join('\n');
  return `\n### \`${symbol}\`\n\n${docAbove(lines, found[0])}\n\n\`\`\`ts\n${code}\n\`\`\`\n`;
}

/** A statement ends where the next line begins at the margin again. */
function declarationAt(lines, start) {
  let end = start + 1;
  while (end < lines.length && /^[\s}\])|&]/.test(lines[end]) && lines[end] !== '') end += 1;
  return lines
    .slice(start, end)
    .filter((line) => !/^\s*(?:private |#private;)/.test(line))
    .join('\n')
    .replace(/^export (?:declare )?/, '')
    .trimEnd();
}

/** Returns the doc comment above a line, as Markdown. */
function docAbove(lines, at) {
  let start = at - 1;
  if (!lines[start]?.trim().endsWith('*/')) return '';
  while (!lines[start].trim().startsWith('/**')) start -= 1;
  return lines
    .slice(start, at)
    .map((line) => line.replace(/^\s*\/?\*+\/?\s?/, '').replace(/\s*\*\/$/, ''))
    .join('\n')
    .replace(/\{@link (\S+?)\}/g, '`$1`')
    .replace(/^@throws /gm, 'Throws ')
    .trim();
}
