// The starts of the README whose packages are no development dependencies of this one: its programs and its commands, unchanged.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from 'opentelemetry-exporter-trubrics/server';
import { startOpenAiServer } from './support/openai-server.mjs';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
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
  // A server of Next.js lives on; this process ends.
  const env = { TRUBRICS_FLUSH_ON_EXIT: 'true' };
  await checkStart(
    {
      'next.mjs': "import { register } from './instrumentation.mjs';\nregister();\n",
      'instrumentation.mjs': snippet('start_next'),
      'route.mjs': snippet('start_next_route'),
      'app.mjs': "import { GET } from './route.mjs';\nawait GET();\n",
    },
    env,
    'ada',
  );
});

/** Writes the files, runs `node --import ./<the first> app.mjs`, and compares the one record that arrives. */
async function checkStart(files, env = {}, user = 'anonymous') {
  const directory = await mkdtemp(join(folder, 'start-'));
  try {
    for (const [name, source] of Object.entries(files)) await writeFile(join(directory, name), source);
    const known = new Set(trubrics.records().map(({ id }) => id));
    const { code, output } = await run(directory, ['--import', `./${Object.keys(files)[0]}`, 'app.mjs'], env);
    assert.equal(code, 0, output);
    const arrived = trubrics.records().filter(({ id }) => !known.has(id));
    assert.deepEqual(
      arrived.map(({ userId, prompt, generation }) => ({ userId, prompt, generation })),
      [{ userId: user, prompt: 'Tell me a joke', generation: 'Answer to: Tell me a joke' }],
      output,
    );
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

/** Returns a program of the README. */
function snippet(name) {
  const found = new RegExp(`<!-- run: ${name} -->\\s*\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  assert.ok(found, `the README has no program ${name}`);
  return found;
}
