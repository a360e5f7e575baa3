// `next build` and `next start` of a project with the programs of the README, unchanged, and a route of the edge runtime.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from 'opentelemetry-exporter-trubrics/server';
import { startOpenAiServer } from './support/openai-server.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
const project = join(folder, 'test/project');
const next = join(folder, 'node_modules/next/dist/bin/next');
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

let model;
let trubrics;
let started;
before(async () => {
  model = await startOpenAiServer();
  trubrics = await startServer({ port: 0 });
  writeFileSync(join(project, 'instrumentation.ts'), snippet('start_next'));
  mkdirSync(join(project, 'app/api/chat'), { recursive: true });
  writeFileSync(join(project, 'app/api/chat/route.ts'), snippet('start_next_route'));
  rmSync(join(project, '.next'), { recursive: true, force: true });
});
after(async () => {
  started?.child.kill();
  await trubrics.close();
  await model.close();
});

function snippet(name) {
  const found = new RegExp(`<!-- run: ${name} -->\\s*\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  assert.ok(found, `the README has no program ${name}`);
  return found;
}

const environment = () => {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  return {
    ...inherited,
    NEXT_TELEMETRY_DISABLED: '1',
    TRUBRICS_HOST: trubrics.ingestionUrl,
    TRUBRICS_FLUSH_INTERVAL_MS: '100',
    OPENAI_API_KEY: 'x',
    OPENAI_BASE_URL: model.url,
  };
};

async function start(env = {}) {
  const child = spawn(process.execPath, [next, 'start', '--port', '0'], {
    cwd: project,
    env: { ...environment(), ...env },
  });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const found = /http:\/\/localhost:\d+/.exec(output)?.[0];
      if (found && output.includes('Ready')) resolve(found.replace('localhost', '127.0.0.1'));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => reject(new Error(`next start ended with ${code}\n${output}`)));
  });
  return { child, url, output: () => output };
}

/** Asks a route, and returns the records that arrive. */
async function recordsOf(path) {
  const known = new Set(trubrics.records().map(({ id }) => id));
  const response = await fetch(started.url + path);
  assert.equal(response.status, 200, started.output());
  await response.text();
  const fresh = () => trubrics.records().filter(({ id }) => !known.has(id));
  for (let tries = 0; tries < 200 && fresh().length === 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return fresh().map(({ userId, prompt, generation }) => ({ userId, prompt, generation }));
}

test('next build succeeds', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [next, 'build'], {
    cwd: project,
    env: environment(),
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
});

test('next start records calls of the AI SDK and of LangChain.js, in Node.js and in the edge runtime', async () => {
  started = await start();
  assert.deepEqual(await recordsOf('/api/chat'), [
    { userId: 'ada', prompt: 'Tell me a joke', generation: 'Answer to: Tell me a joke' },
  ]);
  // A second route with the AI SDK: its calls are traced once.
  assert.deepEqual(await recordsOf('/api/stream'), [
    { userId: 'grace', prompt: 'Streamed?', generation: 'Answer to: Streamed?' },
  ]);
  assert.deepEqual(await recordsOf('/api/langchain'), [
    { userId: 'ada', prompt: 'LangChain?', generation: 'Rome.' },
  ]);
  assert.deepEqual(await recordsOf('/api/edge'), [{ userId: 'ada', prompt: 'Edge?', generation: 'Rome.' }]);
});

test('next start that is stopped right after an answer loses no record', async () => {
  started.child.kill();
  const known = trubrics.records().length;
  started = await start({ TRUBRICS_FLUSH_INTERVAL_MS: '600000' });
  assert.equal((await fetch(`${started.url}/api/chat`)).status, 200, started.output());
  const ended = new Promise((resolve) => started.child.on('exit', resolve));
  started.child.kill('SIGTERM');
  await ended;
  assert.equal(trubrics.records().length, known + 1);
});
