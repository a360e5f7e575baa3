// The cases of the compatibility matrix, in the order of docs/matrix.md. Read by run.mjs, and by the table of that page.

/**
 * @typedef {object} Case
 * @property {string} name what `npm run test:compat -- NAME` runs
 * @property {string} group heading of the table
 * @property {string} subject first column of the table, without its version
 * @property {string} install folder of `package.json`; all cases of an install share one
 * @property {string} [of] package whose pinned version is shown; none for a file of the install
 * @property {string} ran what is run, and what has to come out of it
 * @property {string} tests folder below `test/compat` that holds `tests/`; `.` for the common ones
 * @property {string} [file] single test file; all without it
 * @property {string} [pattern] names of the tests, as `--test-name-pattern`
 * @property {string} [node] install whose Node.js runs the tests; that of the script without it
 * @property {boolean} [bothHandlers] runs a second time with the handler of `./standalone`
 * @property {boolean} [forceExit] for libraries that keep a process alive
 * @property {readonly string[]} [needs] programs that have to be installed, see tools.mjs
 * @property {string} [upstream] reason for which it does not work; the tests prove that it still does not
 * @property {string} [note] what readers have to know of a case that works
 * @property {boolean} [ci] belongs to the part that CI runs
 */

const HANDLER = 'calls, streams, agents, graphs, context, metrics and `/register`';
const NEWEST = 'core-1.4';
const NEIGHBOUR =
  'a call of the OpenAI SDK and one of LangChain.js: one record each, and its own spans arrive at its backend';
/** Node.js of libraries that refuse version 20. */
const NODE = 'node-24';

const nodeVersion = (version, more) => ({
  name: `node-${version}`,
  group: 'Node.js',
  subject: 'Node.js',
  install: NEWEST,
  node: `node-${version}`,
  of: 'node',
  ran: `${HANDLER}, with the handler of \`/langchain\`; the command \`dev\` with its page`,
  tests: '.',
  ...more,
});
const langchain = (version) => ({
  name: `core-${version}`,
  group: 'LangChain.js',
  subject: '`@langchain/core`',
  install: `core-${version}`,
  of: '@langchain/core',
  ran: `${HANDLER}, with the handlers of \`/langchain\` and \`/standalone\``,
  tests: '.',
  bothHandlers: true,
  ci: true,
});
const sdk = (name, of, more) => ({
  name: `otlp-${name}`,
  group: 'OpenTelemetry SDK',
  subject: 'OpenTelemetry SDK',
  install: `otlp-${name}`,
  of,
  tests: 'otlp',
  ran: 'span processor, span exporter and log record processor; OTLP exporters of protobuf and JSON to the local server',
  ci: true,
  ...more,
});
const runtime = (name, subject, of, more) => ({
  name,
  group: 'Runtimes',
  subject,
  install: 'runtimes',
  of,
  tests: 'runtimes',
  pattern: `^${name} `,
  ran: 'handler of `/standalone`: a call is one record',
  ci: true,
  ...more,
});
const compiler = (version) => ({
  name: `typescript-${version}`,
  group: 'TypeScript',
  subject: 'TypeScript',
  install: 'types',
  of: `typescript-${version}`,
  tests: 'types',
  pattern: `^typescript-${version} `,
  ran: 'declarations under `node16`, `nodenext` and `bundler`, ESM and CommonJS, strict, `skipLibCheck: false`',
  ci: true,
});
const runner = (name, subject, of, more) => ({
  name,
  group: 'Modules and test runners',
  subject,
  install: 'runners',
  of,
  tests: 'runners',
  file: `${name}.test.mjs`,
  ran: 'processor, exporter, handlers, `/node` and `/server`: a call is one record',
  ci: true,
  ...more,
});
const bundler = (name, subject, more) => ({
  name,
  group: 'Bundlers',
  subject,
  install: 'bundlers',
  of: name,
  tests: 'bundlers',
  file: `${name}.test.mjs`,
  ran: 'bundles of processor, exporter and handlers, run in Node.js as ESM and CommonJS and in Chromium',
  needs: ['chromium'],
  ...more,
});
const neighbour = (name, subject, of, more) => ({
  name,
  group: 'Other tracers in one process',
  subject,
  install: 'tracers',
  of,
  node: NODE,
  tests: 'tracers',
  file: `${name}.test.mjs`,
  ran: NEIGHBOUR,
  ...more,
});

/** @type {readonly Case[]} */
export const CASES = [
  nodeVersion('20.19'),
  nodeVersion('20.20'),
  nodeVersion('22', { ci: true }),
  nodeVersion('24', { ci: true }),
  nodeVersion('26', { ci: true }),
  runtime('Bun', 'Bun', 'bun'),
  runtime('Deno', 'Deno', 'deno'),
  runtime('workerd', 'workerd (Cloudflare Workers)', 'workerd'),
  {
    name: 'chromium',
    group: 'Runtimes',
    subject: 'Chromium, without a window',
    install: 'bundlers',
    tests: 'bundlers',
    file: 'chromium.test.mjs',
    needs: ['chromium'],
    ran: 'processor and handler of `/standalone` in a page: a call is one record; what waits is sent when the page is left',
    ci: true,
  },
  langchain('0.3'),
  langchain('1.0'),
  langchain('1.4'),
  sdk('1', '@opentelemetry/sdk-trace-base'),
  sdk('2.0', '@opentelemetry/sdk-trace-base', { ci: false }),
  sdk('2', '@opentelemetry/sdk-trace-base'),
  sdk('3', '@opentelemetry/sdk-trace'),
  compiler('5.6'),
  compiler('5.9'),
  compiler('6'),
  compiler('7'),
  runner('esm', 'ESM'),
  runner('commonjs', 'CommonJS'),
  runner('jest', 'Jest', 'jest'),
  runner('vitest', 'Vitest', 'vitest'),
  bundler('esbuild', 'esbuild', { ci: true }),
  bundler('rollup', 'Rollup'),
  bundler('rolldown', 'Rolldown'),
  bundler('vite', 'Vite', { ci: true }),
  bundler('webpack', 'webpack', {
    node: NODE,
    note: 'On Node.js 20 the ESM bundle with LangChain.js does not load: webpack imports `createZstdCompress` of `node:zlib`, which `langsmith` takes only where it exists.',
  }),
  {
    name: 'next',
    group: 'Bundlers',
    subject: 'Next.js',
    install: 'next',
    of: 'next',
    tests: 'next',
    ran: '`next build` and `next start`: calls of the AI SDK, one streamed, and one of LangChain.js in routes of Node.js, and one in the edge runtime; what waits is delivered after SIGTERM',
  },
  neighbour(
    'auto-instrumentations',
    '`@opentelemetry/auto-instrumentations-node`',
    '@opentelemetry/auto-instrumentations-node',
    { install: 'auto-instrumentations' },
  ),
  neighbour('sentry-10', 'Sentry 10', '@sentry/node', {
    // CI has this install anyway.
    install: 'starts',
    node: undefined,
    ran: `${NEIGHBOUR}; \`Sentry.flush()\` and \`Sentry.close()\` deliver what waits, or it is delivered afterwards`,
    ci: true,
  }),
  neighbour('langfuse', "Langfuse's span processor", '@langfuse/otel'),
  neighbour('openinference', 'OpenInference, OpenAI', '@arizeai/openinference-instrumentation-openai'),
  neighbour('traceloop', 'OpenLLMetry', '@traceloop/node-server-sdk'),
  neighbour('vercel-otel', '`@vercel/otel`', '@vercel/otel'),
  neighbour('azure-monitor', 'Azure Monitor', '@azure/monitor-opentelemetry'),
  {
    name: 'neighbours',
    group: 'Other tracers in one process',
    subject: 'Handlers of Langfuse and OpenInference beside ours; Mastra, VoltAgent, OpenAI Agents',
    install: 'neighbours',
    tests: 'neighbours',
    forceExit: true,
    ran: 'calls, streams, batches, agents and errors: each is one record, each question one turn',
    ci: true,
  },
  neighbour('traceloop-langchain', "OpenLLMetry's LangChain instrumentation", '@traceloop/node-server-sdk', {
    ran: 'our handler on an agent, and on a chain',
    upstream:
      'Inside chains and agents it replaces the callbacks of others, also our handler. Its own spans are recorded, one for each call. Disable it for those of our handler.',
  }),
  {
    name: 'sentry-11',
    group: 'Other tracers in one process',
    subject: 'Sentry 11',
    install: 'blocked',
    of: '@sentry/node',
    node: NODE,
    tests: 'tracers',
    file: 'sentry-11.test.mjs',
    ran: 'a processor in `Sentry.init`, the handler of `/standalone`, a provider of its own',
    upstream:
      'It has a tracer of its own, which calls no OpenTelemetry span processor. The handler of `/standalone`, and a `NodeTracerProvider` of the application beside it, work.',
  },
  {
    name: 'dd-trace',
    group: 'Other tracers in one process',
    subject: 'Datadog (`dd-trace`)',
    install: 'blocked',
    of: 'dd-trace',
    node: NODE,
    tests: 'tracers',
    file: 'dd-trace.test.mjs',
    ran: 'a processor on its provider, the handler of `/standalone`, a provider of its own',
    upstream:
      'Its `TracerProvider` calls no OpenTelemetry span processor. The handler of `/standalone`, and a `NodeTracerProvider` of the application beside it, work.',
  },
  {
    name: 'starts',
    group: 'Whole set-ups',
    subject: 'Starts of the README',
    install: 'starts',
    tests: 'starts',
    file: 'starts.test.mjs',
    ran: 'NodeSDK, exporter, Sentry 10 and Next.js with their commands, unchanged',
    ci: true,
  },
  {
    name: 'starts-3',
    group: 'Whole set-ups',
    subject: 'Start with the NodeSDK of OpenTelemetry 3',
    install: 'starts-3',
    of: '@opentelemetry/sdk-node',
    node: NODE,
    tests: 'starts',
    file: 'starts.test.mjs',
    pattern: 'NodeSDK',
    ran: 'the program and the command, unchanged',
    ci: true,
  },
  ...['20.20', '24'].map((version) => ({
    name: `installs-${version}`,
    group: 'Whole set-ups',
    subject: '`npm install` lines of the README',
    install: 'starts-3',
    of: 'node',
    node: `node-${version}`,
    tests: 'starts',
    file: 'installs.test.mjs',
    ran: 'npm resolves the packages of each start, in their versions of that day, in an empty folder',
  })),
  {
    name: 'standalone',
    group: 'Whole set-ups',
    subject: 'LangChain.js without an OpenTelemetry SDK',
    install: 'standalone',
    tests: 'standalone',
    ran: 'both programs of the guide of Trubrics, with nothing else installed',
    ci: true,
  },
  {
    name: 'platform',
    group: 'Whole set-ups',
    subject: 'First Trubrics platform',
    install: 'platform',
    of: 'firebase',
    tests: 'platform',
    ran: "our client and Google's against the same emulators",
    ci: true,
  },
  {
    name: 'clickhouse',
    group: 'Whole set-ups',
    subject: 'ClickHouse',
    install: 'clickhouse',
    of: 'chdb',
    tests: 'clickhouse',
    source: { folder: 'test/server/engines/clickhouse', variable: 'TRUBRICS_TEST_CHDB' },
    ran: 'the engine of `serve` against ClickHouse in a process',
    ci: true,
  },
  {
    name: 'fleet',
    group: 'Whole set-ups',
    subject: 'Files of `examples/fleet`',
    install: 'fleet',
    tests: 'fleet',
    ran: 'collector, nginx, deployment and monitoring, as far as their programs are installed',
    ci: true,
  },
];

/** Returns the cases that an argument of the command names: one case, or all of an install. */
export function casesOf(argument) {
  const named = CASES.filter(({ name }) => name === argument);
  return named.length > 0 ? named : CASES.filter(({ install }) => install === argument);
}
