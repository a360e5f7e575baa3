// Traces one LLM call through src/: builds it with a line at each function entry, runs a fake chat model with the handler, the processor and a
// loopback server, and prints how many functions, files and folders the call passes on its way.
// `node scripts/trace-call.mjs [--list] [--entries] [--except PATH]… [ROOT]`: --list adds the files in order of first visit, --entries every
// function entry; --except leaves out a file or folder below src/, for instance the type guards that nobody follows into their file.
// ROOT is a checkout of this repository with installed packages, this one by default: so two commits can be compared.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/** Name of the global function that instrumented code calls with the index of a function. */
const ENTER = '__enterTracedFunction';
/** The call has settled when no function was entered for this time after the response. */
const QUIET_MS = 200;

const { values: flags, positionals } = parseArgs({
  options: {
    list: { type: 'boolean' },
    entries: { type: 'boolean' },
    except: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
});
const root = positionals[0] ?? fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(join(root, 'package.json'));

/** All instrumented functions, by index: `{ file, name }`. */
const functions = [];
/** Function entries of each leg, in order. */
const legs = { 'invoke → span ends': [], 'onEnd → fetch': [], 'fetch → settled': [] };
let entries;

await traceCall();
print();

async function traceCall() {
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  const dir = mkdtempSync(join(root, 'node_modules/.cache/trace-call-'));
  const server = createServer((request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  try {
    await build(dir);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    await runCall(dir, `http://127.0.0.1:${server.address().port}`);
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function build(dir) {
  const bundle = await rolldown({
    input: ['index', 'langchain/index'].map((entry) => join(root, `src/${entry}.ts`)),
    external: (id) => /^[^./]/.test(id) && !id.startsWith('@noble/hashes'),
    platform: 'node',
    plugins: [{ name: 'trace-functions', transform: instrument }],
  });
  await bundle.write({ dir, format: 'esm', preserveModules: true, preserveModulesRoot: join(root, 'src') });
  await bundle.close();
}

/** Inserts a call of `ENTER` at the start of each function body of one module. */
function instrument(code, id) {
  const file = relative(join(root, 'src'), id).split(sep).join('/');
  if (file.startsWith('..') || flags.except.some((path) => `${file}/`.startsWith(`${path}/`)))
    return undefined;
  const insertions = [];
  visitFunctions(parseAst(code, { lang: 'ts' }), [], (body, name) => {
    const call = `globalThis.${ENTER}(${functions.push({ file, name }) - 1})`;
    if (body.type === 'BlockStatement') insertions.push([body.start + 1, `${call};`]);
    else insertions.push([body.start, `(${call},`], [body.end, ')']);
  });
  // Stable sort: of two insertions at one place, the outer function's comes first.
  insertions.sort(([a], [b]) => a - b);
  let instrumented = '';
  let copied = 0;
  for (const [at, text] of insertions) {
    instrumented += code.slice(copied, at) + text;
    copied = at;
  }
  return { code: instrumented + code.slice(copied), map: null };
}

/** Calls `onFunction` with the body and the name of each function below `node`. `parents` are its ancestors, outermost first. */
function visitFunctions(node, parents, onFunction) {
  if (Array.isArray(node)) {
    for (const child of node) visitFunctions(child, parents, onFunction);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if (/^(?:Function(?:Declaration|Expression)|ArrowFunctionExpression)$/.test(node.type) && node.body)
    onFunction(node.body, nameOf(node, parents));
  const ancestors = typeof node.type === 'string' ? [...parents, node] : parents;
  for (const child of Object.values(node)) visitFunctions(child, ancestors, onFunction);
}

function nameOf(node, parents) {
  const parent = parents.at(-1);
  const own = node.id?.name ?? keyOf(parent) ?? (parent?.type === 'VariableDeclarator' && parent.id.name);
  const holder = parents.findLast(({ type }) => type === 'ClassDeclaration' || type === 'ClassExpression');
  if (own) return parent?.type === 'MethodDefinition' && holder?.id ? `${holder.id.name}.${own}` : own;
  const outer = parents.findLast((ancestor) => ancestor.id?.name ?? keyOf(ancestor));
  return `callback in ${outer ? (outer.id?.name ?? keyOf(outer)) : 'the module'}`;
}

/** Returns the name of a method, a class field or a property of an object literal. */
function keyOf(node) {
  if (!/^(?:MethodDefinition|PropertyDefinition|Property)$/.test(node?.type ?? '')) return undefined;
  return node.key.type === 'PrivateIdentifier' ? `#${node.key.name}` : (node.key.name ?? node.key.value);
}

async function runCall(dir, host) {
  const [toEnd, toFetch, toSettled] = Object.values(legs);
  let lastEntry = 0;
  globalThis[ENTER] = (index) => {
    lastEntry = Date.now();
    entries?.push(functions[index]);
  };
  const { fetch } = globalThis;
  let onResponse;
  const responded = new Promise((resolve) => {
    onResponse = resolve;
  });
  // Replaced before the import, because the package may keep the function that it finds then.
  globalThis.fetch = async (...request) => {
    entries = toSettled;
    const response = await fetch(...request);
    onResponse();
    return response;
  };
  const load = (file) => import(pathToFileURL(join(dir, file)).href);
  const { TrubricsSpanProcessor } = await load('index.js');
  const { TrubricsCallbackHandler } = await load('langchain/index.js');
  const { FakeListChatModel } = await import(pathToFileURL(require.resolve('@langchain/core/utils/testing')));
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

  const processor = new TrubricsSpanProcessor({ host, apiKey: 'local', flushAt: 1 });
  const provider = new NodeTracerProvider({
    spanProcessors: [
      {
        onStart: (span, context) => processor.onStart(span, context),
        onEnd: (span) => {
          entries = toFetch;
          processor.onEnd(span);
        },
        forceFlush: () => processor.forceFlush(),
        shutdown: () => processor.shutdown(),
      },
    ],
  });
  provider.register();
  const model = new FakeListChatModel({ responses: ['A step of a trace.'] });
  const handler = new TrubricsCallbackHandler({ userId: 'ada' });

  entries = toEnd;
  await model.invoke('What is a span?', { callbacks: [handler] });
  await responded;
  while (Date.now() - lastEntry < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, 20));
  entries = undefined;
  const { delivered } = processor.stats().destinations[0];
  await provider.shutdown();
  globalThis.fetch = fetch;
  if (delivered !== 1) throw new Error(`${delivered} records were delivered; 1 was expected.`);
}

function print() {
  const all = Object.values(legs).flat();
  const table = {};
  for (const [leg, entered] of Object.entries({ ...legs, all })) {
    const files = entered.map(({ file }) => file);
    const changes = files.filter((file, index) => index > 0 && file !== files[index - 1]).length;
    table[leg] = {
      'function entries': entered.length,
      files: new Set(files).size,
      folders: new Set(files.map((file) => dirname(file))).size,
      'changes of file': changes,
      // Each file but the first is entered for the first time by one change. All other changes lead to a known file.
      'of them back': changes - new Set(files).size + 1,
    };
  }
  console.table(table);
  for (const [leg, entered] of Object.entries(legs)) {
    if (flags.list) console.log(`\n${leg}\n${[...new Set(entered.map(({ file }) => file))].join('\n')}`);
    if (flags.entries)
      console.log(`\n${leg}\n${entered.map(({ file, name }) => `${file} ${name}`).join('\n')}`);
  }
}
