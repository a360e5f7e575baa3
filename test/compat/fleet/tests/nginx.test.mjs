import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, publish, read, READING, startServer } from './support.mjs';

const nginx = process.env.TRUBRICS_NGINX ?? 'nginx';
const hasNginx = spawnSync(nginx, ['-v']).status === 0;
const options = { skip: !hasNginx && 'there is no nginx (apt-get install nginx-light)' };

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts nginx with the file of the example: the names and ports of its surroundings are replaced, nothing else. */
async function startNginx(t, ports) {
  const folder = mkdtempSync(join(tmpdir(), 'trubrics-nginx-'));
  // The workers of a process of root run as another user.
  chmodSync(folder, 0o755);
  const port = await freePort();
  let config = read('nginx.conf')
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replaceAll('/tmp/', `${folder}/`);
  config = config
    .replace('server-a:8782', `127.0.0.1:${ports[0]}`)
    .replace('server-b:8782', `127.0.0.1:${ports[1]}`);
  assert.ok(!config.includes('8782'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  const args = ['-p', folder, '-c', file, '-e', 'stderr'];
  const checked = spawnSync(nginx, [...args, '-t'], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stderr);
  const child = spawn(nginx, [...args, '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'inherit'] });
  t.after(async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(() => fetch(`${url}/healthz`));
  return url;
}

async function idsOn(server) {
  const { records } = await (await fetch(`${server.url}/api/records?limit=1000`, READING)).json();
  return records.map(({ id }) => id);
}

test('nginx divides requests between two servers, and an outage of one loses none', options, async (t) => {
  const servers = [await startServer(t), await startServer(t)];
  const url = await startNginx(
    t,
    servers.map(({ port }) => port),
  );
  for (let i = 0; i < 20; i++) assert.equal((await publish(url, [`before-${i}`])).status, 200);
  const [onFirst, onSecond] = [await idsOn(servers[0]), await idsOn(servers[1])];
  assert.ok(onFirst.length > 0 && onSecond.length > 0, `${onFirst.length} and ${onSecond.length}`);
  assert.equal(new Set([...onFirst, ...onSecond]).size, 20);
  servers[0].child.kill('SIGKILL');
  await servers[0].exited;
  for (let i = 0; i < 20; i++) assert.equal((await publish(url, [`after-${i}`])).status, 200);
  const later = await idsOn(servers[1]);
  assert.equal(later.filter((id) => id.startsWith('after-')).length, 20);
});

test(
  'nginx passes the page, exports, imports of full size and live streams on, and keeps OTLP and metrics back',
  options,
  async (t) => {
    const server = await startServer(t);
    const url = await startNginx(t, [server.port, server.port]);
    const page = await fetch(`${url}/?token=reading`, {
      redirect: 'manual',
      headers: { accept: 'text/html' },
    });
    assert.equal(page.status, 302);
    assert.match(page.headers.get('set-cookie') ?? '', /HttpOnly/i);
    const records = Array.from({ length: 900 }, (_, i) => ({
      kind: 'event',
      id: `e-${i}`,
      userId: 'ada',
      event: 'e',
      timestamp: '2026-03-01T00:00:00.000Z',
      tags: [],
      properties: { text: 'x'.repeat(5_000) },
    }));
    const imported = await fetch(`${url}/api/ingestion/import_records`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'writing' },
      body: JSON.stringify(records),
    });
    assert.equal(imported.status, 200, await imported.text());
    const text = await (await fetch(`${url}/api/export`, READING)).text();
    assert.equal(text.trimEnd().split('\n').length, 900);

    const abort = new AbortController();
    const live = await fetch(`${url}/api/live`, { ...READING, signal: abort.signal });
    const reader = live.body.getReader();
    await publish(url, ['live-1']);
    let stream = '';
    // Buffered, it would come when the stream ends, which it does not.
    while (!stream.includes('live-1')) stream += new TextDecoder().decode((await reader.read()).value);
    abort.abort();

    for (const [path, method] of [
      ['/v1/traces', 'POST'],
      ['/v1/logs', 'POST'],
      ['/metrics', 'GET'],
    ])
      assert.equal((await fetch(url + path, { method })).status, 404, path);
  },
);
