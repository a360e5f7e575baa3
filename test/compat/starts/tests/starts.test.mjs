// The starts of the README, and programs of docs/, whose packages are no development dependencies of this one: its programs and its commands, unchanged.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from 'opentelemetry-exporter-trubrics/server';
import { startOpenAiServer } from './support/openai-server.mjs';

const documents = await Promise.all(
  ['README.md', 'docs/from-langfuse-langsmith.md'].map((path) =>
    readFile(new URL(`../${path}`, import.meta.url), 'utf8'),
  ),
);
const folder = fileURLToPath(new URL('..', import.meta.url));

let model;
let trubrics;
before(async () => {
  model = await startOpenAiServer();
  trubrics = await startServer({ port: 0 });
});
after(async () => {
  await trubrics.close();
  await model.close();
});

test('the start with the NodeSDK records a call of the AI SDK', async () => {
  await checkStart({ 'tracing.mjs': snippet('start_nodesdk'), 'app.mjs': snippet('start_ai_sdk') });
});

test('the start with the exporter records a call of the AI SDK', async () => {
  await checkStart({ 'tracing.mjs': snippet('start_exporter'), 'app.mjs': snippet('start_ai_sdk') });
});

test('the start with Sentry 10 records a call of the OpenAI SDK', async () => {
  // Sentry traces nothing without a DSN. Nothing listens at this one.
  const env = { SENTRY_DSN: 'http://key@127.0.0.1:9/1' };
  await checkStart({ 'instrument.mjs': snippet('start_sentry'), 'app.mjs': snippet('start_openai') }, env);
});

test('the start with Next.js records a call of the AI SDK, when its functions are called as Next.js does', async () => {
  // A server of Next.js lives on, and has `after`; this process ends. With the server: next.test.mjs.
  const env = { TRUBRICS_FLUSH_ON_EXIT: 'true' };
  await checkStart(
    {
      'next.mjs': "import { register } from './instrumentation.mjs';\nregister();\n",
      'instrumentation.mjs': snippet('start_next').replace(
        /import .*'next\/server';/,
        'const after = () => {};',
      ),
      'route.mjs': snippet('start_next_route'),
      'app.mjs': "import { GET } from './route.mjs';\nawait GET();\n",
    },
    env,
    'ada',
  );
});

test("a program with Langfuse's handler runs, and after the change its call is a record", async () => {
  const before = await runFiles({ 'app.mjs': snippet('langfuse_before') });
  assert.equal(before.code, 0, before.output);
  const { code, output, arrived } = await runFiles({ 'app.mjs': snippet('langfuse_after') });
  assert.equal(code, 0, output);
  assert.deepEqual(
    arrived.map(({ userId, threadId, tags, properties: { plan } }) => ({ userId, threadId, tags, plan })),
    [{ userId: 'ada', threadId: 'jokes', tags: ['langchain', 'web'], plan: 'pro' }],
    output,
  );
});

/** Runs `node --import ./<the first of the files> app.mjs`, and compares the one record that arrives. */
async function checkStart(files, env = {}, user = 'anonymous') {
  const { code, output, arrived } = await runFiles(files, ['--import', `./${Object.keys(files)[0]}`], env);
  assert.equal(code, 0, output);
  assert.deepEqual(
    arrived.map(({ userId, prompt, generation }) => ({ userId, prompt, generation })),
    [{ userId: user, prompt: 'Tell me a joke', generation: 'Answer to: Tell me a joke' }],
    output,
  );
}

/** Writes the files, and runs `app.mjs` among them. Returns how it ended, and the records that arrived. */
async function runFiles(files, args = [], env = {}) {
  const directory = await mkdtemp(join(folder, 'start-'));
  try {
    for (const [name, source] of Object.entries(files)) await writeFile(join(directory, name), source);
    const known = new Set(trubrics.records().map(({ id }) => id));
    const { code, output } = await run(directory, [...args, 'app.mjs'], env);
    return { code, output, arrived: trubrics.records().filter(({ id }) => !known.has(id)) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function run(cwd, args, env) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: {
      ...process.env,
      TRUBRICS_HOST: trubrics.ingestionUrl,
      OPENAI_API_KEY: 'x',
      OPENAI_BASE_URL: model.url,
      ...env,
    },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

/** Returns a program of the documents. */
function snippet(name) {
  const found = new RegExp(`<!-- run: ${name} -->\\s*\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(
    documents.join('\n'),
  )?.[1];
  assert.ok(found, `no document has a program ${name}`);
  return found;
}
