// Tests of the entry ./standalone in Bun, Deno and workerd: one call, one record. Each name begins with that of its case.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';

const folder = fileURLToPath(new URL('..', import.meta.url));
const apps = fileURLToPath(new URL('apps/', import.meta.url));
const BUN = join(folder, 'node_modules/@oven/bun-linux-x64/bin/bun');
const DENO = join(folder, 'node_modules/@deno/linux-x64-glibc/deno');
const WORKERD = join(folder, 'node_modules/@cloudflare/workerd-linux-64/bin/workerd');

let received = [];
let server;
let host;
before(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      received.push(...JSON.parse(body));
      response.end('{}');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());
beforeEach(() => (received = []));

function assertOneRecord(answer) {
  assert.deepEqual(answer, { records: 1, delivered: 1 });
  assert.equal(received.length, 1);
  const [{ user_id, thread_id, prompt, generation, properties }] = received;
  assert.deepEqual(
    { user_id, thread_id, prompt, generation, release: properties.release },
    {
      user_id: 'ada',
      thread_id: 'geography',
      prompt: 'Capital of Italy?',
      generation: 'Rome.',
      release: '7',
    },
  );
}

for (const [name, command, args] of [
  ['Bun', BUN, [`${apps}process.mjs`]],
  [
    'Deno',
    DENO,
    ['run', '--allow-net', '--allow-env', '--allow-read', '--allow-sys', '--no-lock', `${apps}process.mjs`],
  ],
]) {
  test(`${name} records a call through ./standalone`, async () => {
    const { stdout } = await promisify(execFile)(command, [...args, host], { cwd: folder, timeout: 60_000 });
    assertOneRecord(JSON.parse(stdout.trim().split('\n').at(-1)));
  });
}

test('workerd records a call through ./standalone', async () => {
  const dir = mkdtempSync(join(folder, 'workerd-'));
  const bundle = await rolldown({
    input: `${apps}worker.mjs`,
    platform: 'browser',
    external: /^node:/,
    logLevel: 'silent',
    resolve: { conditionNames: ['workerd', 'worker', 'import'] },
  });
  await bundle.write({ file: join(dir, 'worker.js'), format: 'esm' });
  await bundle.close();
  writeFileSync(
    join(dir, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ["nodejs_compat"],
);`,
  );
  const child = spawn(WORKERD, ['serve', '--control-fd=1', join(dir, 'config.capnp')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await new Promise((resolve, reject) => {
      child.on('exit', (code) => reject(new Error(`workerd ended with ${code}`)));
      child.stdout.on('data', (data) => {
        const listening = String(data)
          .split('\n')
          .find((line) => line.includes('"listen"'));
        if (listening) resolve(JSON.parse(listening).port);
      });
    });
    const response = await fetch(`http://127.0.0.1:${port}/?host=${encodeURIComponent(host)}`);
    assertOneRecord(await response.json());
  } finally {
    child.kill();
    rmSync(dir, { recursive: true, force: true });
  }
});
