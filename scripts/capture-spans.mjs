// Records the spans that a library writes, as a fixture: `node scripts/capture-spans.mjs NAME PROGRAM [FOLDER]`.
// PROGRAM is an ES module that calls the library. Before it is loaded, a tracer provider is registered, and OPENAI_BASE_URL and OPENAI_API_KEY name
// a local server that answers like OpenAI. Writes NAME.json and a draft of NAME.expected.json to FOLDER (test/fixtures/spans).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name, program, folder = join(root, 'test/fixtures/spans')] = process.argv.slice(2);
if (!name || !program) throw new Error('usage: node scripts/capture-spans.mjs NAME PROGRAM [FOLDER]');

// The CommonJS builds, because instrumentations of the program use these.
const require = createRequire(import.meta.url);
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();

const server = await startModelServer();
process.env.OPENAI_BASE_URL = server.url;
process.env.OPENAI_API_KEY = 'test';
await import(pathToFileURL(resolve(program)).href);
await provider.forceFlush();
await server.close();

const spans = exporter.getFinishedSpans();
write('json', spans.map(toFixture));
write('expected.json', {
  library: name,
  version: '',
  dialect: '',
  case: '',
  contentLocation: 'attributes',
  notes: '',
  spanCount: spans.length,
  llmSpanCount: 0,
  calls: [],
});
for (const { name, attributes } of spans) console.log(`${name}: ${Object.keys(attributes).join(', ')}`);
console.log(`${spans.length} spans. Now fill in ${name}.expected.json: see README.md beside the fixtures.`);
// Instrumentations may keep the process alive.
process.exit();

/** Starts test/support/openai-server.ts, which Node.js 20 cannot load as it is. */
async function startModelServer() {
  const target = mkdtempSync(join(root, 'node_modules/.capture-'));
  try {
    const bundle = await rolldown({ input: join(root, 'test/support/openai-server.ts'), platform: 'node' });
    await bundle.write({ dir: target, format: 'esm', entryFileNames: 'openai-server.mjs' });
    await bundle.close();
    const { startOpenAiServer } = await import(pathToFileURL(join(target, 'openai-server.mjs')).href);
    return await startOpenAiServer();
  } finally {
    rmSync(target, { recursive: true });
  }
}

/** Turns a span into the JSON that test/support/captures.ts reads. JSON has no NaN: such numbers are listed as text. */
function toFixture(span) {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const parent = span.parentSpanContext;
  const nonFinite = Object.entries(span.attributes).filter(
    ([, value]) => typeof value === 'number' && !Number.isFinite(value),
  );
  return {
    name: span.name,
    kind: span.kind,
    traceId,
    spanId,
    parentSpanId: parent?.spanId ?? null,
    spanContext: { traceId, spanId, traceFlags },
    ...(parent && { parentSpanContext: { traceId, spanId: parent.spanId, traceFlags: parent.traceFlags } }),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    status: span.status,
    attributes: span.attributes,
    ...(nonFinite.length > 0 && {
      nonFiniteAttributes: Object.fromEntries(nonFinite.map(([key, value]) => [key, String(value)])),
    }),
    links: span.links,
    events: span.events.map(({ name, time, attributes }) => ({ name, time, attributes })),
    resource: { attributes: span.resource.attributes },
    instrumentationScope: span.instrumentationScope,
  };
}

function write(ending, value) {
  writeFileSync(join(folder, `${name}.${ending}`), `${JSON.stringify(value, undefined, 1)}\n`);
}
