// Builds dist/: the entries as ESM and CommonJS with shared chunks, their types, and the web page of the local server.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { breakLines } from './break-lines.mjs';
import { escapeNonAscii } from './escape-non-ascii.mjs';
import { markPure } from './mark-pure.mjs';

/** Libraries that are part of the built modules. */
const BUILT_IN = ['@hono/node-server', 'hono'];

/** Licence files of the libraries whose code is built in. Of the first two it is data, see scripts/update-price-table.mjs. */
const licences = new Map([
  ['@pydantic/genai-prices', 'src/server/insights/prices/table/LICENSE-genai-prices.txt'],
  ['stopword', 'src/server/insights/topics/stop-words/LICENSE-stopword.txt'],
]);

/** Entries that are built in both formats. */
const LIBRARIES = ['index', 'node/index', 'standalone/index'];

/** Entries of Node.js, built as CommonJS, which every loader takes. Their modules would make the package larger by a fifth if built twice. */
const COMMONJS = ['server/index', 'cli'];

/**
 * Parts of the page besides one for each view: what every view needs, plots, and what several views share. In three parts, because many small ones
 * take longer to load and are larger when compressed.
 */
const CHUNKS = [
  { name: 'base', tags: ['$initial'], priority: 3 },
  { name: 'plot', test: /uplot|parts\/plot/, priority: 2 },
  { name: 'shared', minShareCount: 2, priority: 1 },
];

/** Entries that have declarations. */
const TYPED = [...LIBRARIES, 'langchain/index', 'register', 'server/index'];

/** A relative import in a declaration: what comes before the path, and the path without its ending. */
const REFERENCE = /((?:from|import|import\()\s*["'])(\.[^"']+)\.js(?=["'])/g;

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
process.chdir(root);

// `node scripts/build.mjs page` builds the page alone.
const isPageAlone = process.argv[2] === 'page';
if (!isPageAlone) {
  rmSync('dist', { recursive: true, force: true });
  await buildModules();
  buildTypes();
}
await buildPage();
if (!isPageAlone) writeLicences();

async function buildModules() {
  await bundleModules([...LIBRARIES, 'register'], 'esm');
  const chunks = await bundleModules([...LIBRARIES, ...COMMONJS, 'register'], 'cjs', {
    register: 'register-required',
  });
  // One file without chunks, because the handler must load quickly. State that it shares with other entries is kept under global symbols.
  for (const format of ['esm', 'cjs']) await bundleModules(['langchain/index'], format);
  writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
  for (const entry of COMMONJS) writeModuleOf(chunks.find(({ name }) => name === entry));
}

/** Writes the ES module of an entry that is built as CommonJS. */
function writeModuleOf({ fileName, exports }) {
  const from = `'${relative(dirname(`dist/esm/${fileName}`), `dist/cjs/${fileName}`)}'`;
  const code = exports.length > 0 ? `export { ${exports.join(', ')} } from ${from};` : `import ${from};`;
  mkdirSync(dirname(`dist/esm/${fileName}`), { recursive: true });
  writeFileSync(`dist/esm/${fileName}`, `${fileName === 'cli.js' ? '#!/usr/bin/env node\n' : ''}${code}\n`);
}

/** Bundles the entries, and returns their chunks. `sources` names those whose source has another name. */
async function bundleModules(entries, format, sources = {}) {
  const bundle = await rolldown({
    plugins: [noteLicences(), format === 'esm' ? pureConstants() : withoutPureMarks(), shortAsciiLines()],
    input: Object.fromEntries(entries.map((entry) => [entry, `src/${sources[entry] ?? entry}.ts`])),
    external: isExternal,
    platform: 'node',
    tsconfig: 'tsconfig.json',
  });
  const { output } = await bundle.write({
    dir: `dist/${format}`,
    format,
    exports: 'named',
    // Few files and no comments but those for tools: Node.js needs about 0.5 ms for each module and for each 50 kB (test/bench/load.mjs).
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name]-[hash].js',
    comments: { jsdoc: false, legal: true, annotation: true },
    // Classes keep their names, which stack traces and printed objects show. Those of functions would be a tenth of the code.
    minify: {
      compress: true,
      mangle: { toplevel: true, keepNames: { class: true, function: false } },
      codegen: { removeWhitespace: true },
    },
  });
  await bundle.close();
  return output;
}

/** A plugin that notes whose code is in a bundle. */
function noteLicences() {
  const generateBundle = (_options, files) => {
    for (const { modules = {} } of Object.values(files))
      for (const [id, { renderedLength }] of Object.entries(modules)) {
        const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(id) ?? [];
        if (name !== undefined && renderedLength > 0) licences.set(name, licenceOf(name));
      }
  };
  return { name: 'note-licences', generateBundle };
}

/** A plugin that marks constants that an application's bundler may leave out. */
function pureConstants() {
  const generateBundle = (_options, files) => {
    for (const file of Object.values(files)) if (file.type === 'chunk') file.code = markPure(file.code);
  };
  return { name: 'pure-constants', generateBundle };
}

/** A plugin that removes the marks of pure calls: bundlers leave nothing of a CommonJS module out. */
function withoutPureMarks() {
  const generateBundle = (_options, files) => {
    for (const file of Object.values(files))
      if (file.type === 'chunk')
        file.code = file.code.replaceAll(/(\w?)\/\* @__PURE__ \*\/ ?/g, (_mark, before) =>
          before ? `${before} ` : '',
        );
  };
  return { name: 'without-pure-marks', generateBundle };
}

/** A plugin that breaks minified code into lines, and escapes rare characters. */
function shortAsciiLines() {
  const generateBundle = (_options, files) => {
    for (const file of Object.values(files))
      if (file.type === 'chunk') file.code = breakLines(escapeNonAscii(file.code));
  };
  return { name: 'short-ascii-lines', generateBundle };
}

function licenceOf(name) {
  const folder = `node_modules/${name}`;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} is built in, but has no licence to ship`);
  return join(folder, file);
}

/** Returns whether a module stays an import. Libraries of {@link BUILT_IN} do not, so that nothing is installed with the package. */
function isExternal(id) {
  // `register` imports the same handler as the application, because two copies would not share their runs.
  if (id === '../langchain/index.js') return true;
  return /^[^./]/.test(id) && !BUILT_IN.some((name) => id === name || id.startsWith(`${name}/`));
}

/**
 * Builds the declarations once, as CommonJS: an ES module may re-export a CommonJS module, but not the reverse before TypeScript 5.8. They
 * are in one folder, because each folder takes 4 kB on a disk.
 */
function buildTypes() {
  const tsc = join(require.resolve('typescript/package.json'), '../bin/tsc');
  const folder = 'dist/declarations';
  execFileSync(process.execPath, [tsc, '-p', 'scripts/tsconfig.build.json', '--outDir', folder], {
    stdio: 'inherit',
  });
  const entries = TYPED.map((entry) => `${entry}.d.ts`);
  mkdirSync('dist/cjs/types');
  for (const file of withReferences(entries, folder)) {
    const code = readFileSync(join(folder, file), 'utf8').replaceAll(
      REFERENCE,
      (_, before, id) => `${before}./${flatName(join(dirname(file), id))}.js`,
    );
    writeFileSync(`dist/cjs/types/${flatName(file)}`, code);
  }
  rmSync(folder, { recursive: true });
  for (const file of entries)
    for (const format of ['cjs', 'esm']) {
      const target = `dist/cjs/types/${flatName(file).replace('.d.ts', '.js')}`;
      const from = relative(dirname(`dist/${format}/${file}`), target);
      writeFileSync(
        `dist/${format}/${file}`,
        `export * from '${from.startsWith('.') ? from : `./${from}`}';\n`,
      );
    }
}

function flatName(file) {
  return file.replaceAll('/', '-');
}

/** Returns the declarations that the entries refer to. Nobody can import the others. */
function withReferences(entries, folder) {
  const found = new Set();
  const follow = (file) => {
    if (found.has(file)) return;
    found.add(file);
    for (const [, , id] of readFileSync(join(folder, file), 'utf8').matchAll(REFERENCE))
      follow(`${join(dirname(file), id)}.d.ts`);
  };
  entries.forEach(follow);
  return found;
}

/** Builds into a folder of its own, and moves each file when it is whole: tests build the page while servers of other tests read it. */
async function buildPage() {
  const folder = `dist/page-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  mkdirSync('dist/page', { recursive: true });
  // Classic, because a worker that is a module would fail in browsers that have shared workers but no modules in them.
  await bundleScript('live/live-worker.ts', folder, 'live-worker.js', 'iife');
  await bundleScript('markdown/markdown-worker.ts', folder, 'markdown-worker.js', 'iife');
  await bundleScript('main.tsx', folder, 'page.js', 'esm', {
    LIVE_WORKER_VERSION: versionOf(join(folder, 'live-worker.js')),
    MARKDOWN_WORKER_VERSION: versionOf(join(folder, 'markdown-worker.js')),
  });
  const styles = [
    require.resolve('uplot/dist/uPlot.min.css'),
    ...readdirSync('src/server/page/styles')
      .filter((file) => file.endsWith('.css'))
      .sort()
      .map((file) => join('src/server/page/styles', file)),
  ];
  writeFileSync(join(folder, 'page.css'), styles.map((file) => readFileSync(file, 'utf8')).join('\n'));
  for (const file of ['index.html', 'favicon.svg']) cpSync(join('src/server/page', file), join(folder, file));
  // Scripts and styles are stored and sent compressed.
  for (const file of readdirSync(folder).filter((name) => /\.(js|css)$/.test(name))) {
    writeFileSync(join(folder, `${file}.gz`), gzipSync(readFileSync(join(folder, file)), { level: 9 }));
    rmSync(join(folder, file));
  }
  // In the order of the alphabet: parts are there before `page.js`, which loads them. Those of the build before stay for its pages.
  for (const file of readdirSync(folder).sort()) renameSync(join(folder, file), join('dist/page', file));
  rmSync(folder, { recursive: true });
}

/** Returns the hash of a script, as a literal of JavaScript. */
function versionOf(file) {
  return JSON.stringify(createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12));
}

async function bundleScript(input, dir, name, format, define = {}) {
  const bundle = await rolldown({
    plugins: [noteLicences()],
    input: `src/server/page/${input}`,
    platform: 'browser',
    // Some libraries have a form of their own for workers, which have no document.
    resolve: {
      conditionNames: format === 'iife' ? ['worker', 'import', 'default'] : ['browser', 'import', 'default'],
    },
    tsconfig: 'src/server/page/tsconfig.json',
    transform: { define },
  });
  await bundle.write({
    dir,
    format,
    entryFileNames: name,
    chunkFileNames: 'chunk-[name]-[hash].js',
    ...(format === 'esm' && { codeSplitting: { groups: CHUNKS } }),
    minify: true,
  });
  await bundle.close();
}

/** Writes the licences of the libraries that are built in: names, notices of copyright, and each text of a licence once. */
function writeLicences() {
  const parts = new Map();
  for (const [name, file] of [...licences].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = readFileSync(file, 'utf8').trim();
    const start = Math.max(0, text.indexOf('Permission is hereby granted'));
    const [notice, terms] = [text.slice(0, start).trim(), text.slice(start)];
    // Line breaks and quotes are all that differs between copies of the MIT License.
    const key = terms.replace(/\s+/g, ' ').replace(/['’“”]/g, '"');
    const part = parts.get(key) ?? { names: [], notices: new Set(), terms };
    part.names.push(name);
    part.notices.add(notice);
    parts.set(key, part);
  }
  const texts = Array.from(parts.values(), ({ names, notices, terms }) =>
    [names.join('\n'), ...[...notices].filter(Boolean), `${terms}\n`].join('\n\n'),
  );
  writeFileSync('dist/THIRD-PARTY-LICENSES.txt', texts.join(`\n${'-'.repeat(80)}\n\n`));
}
