import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { closedPort } from '../support/scripted-server.js';
import { useFolder } from '../support/use-folder.js';
import { buildCli, run, type Run } from './helpers.js';

let cli: Awaited<ReturnType<typeof buildCli>>;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli.remove());

interface Line {
  readonly event: string;
  readonly [field: string]: unknown;
}

function linesOf(serve: Run): readonly Line[] {
  return serve
    .output()
    .stdout.split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** Waits for an event of the log. */
function logged(serve: Run, event: string): Promise<Line> {
  return vi.waitFor(
    () => {
      const line = linesOf(serve).find((one) => one.event === event);
      if (!line) throw new Error(`Not logged: ${event} in ${JSON.stringify(serve.output())}`);
      return line;
    },
    { timeout: 15_000 },
  );
}

async function startServe(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Run & { readonly url: string }> {
  const serve = run(cli.file, ['serve', '--port', '0', ...args], environment);
  const { url } = await logged(serve, 'started');
  return { ...serve, url: String(url) };
}

function publish(url: string, key: string, prompt = 'p'): Promise<Response> {
  return fetch(`${url}/api/ingestion/publish_llm_events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify([{ user_id: 'ada', prompt, generation: 'g' }]),
  });
}

const file = join(mkdtempSync(join(tmpdir(), 'trubrics-')), 'keys.json');
writeFileSync(file, '{"keys":[{"project":"shop","key":"plain-secret"}]}');

test.each([
  [[], {}, /^Say where records are kept: --store clickhouse:/],
  [['--store', 'redis://h'], {}, /There is no engine for "redis:"/],
  [['--store', 'records.jsonl'], {}, /Did you mean file:records\.jsonl\?/],
  [['--store', 'file:'], {}, /needs the path of a file/],
  [['--store', 'clickhouse://'], {}, /A ClickHouse address looks like/],
  [['--store', 'clickhouse://u:hunter2@h:9000/d'], {}, /port 9000 is that of the native protocol/],
  [['--store', 'clickhouse://h/a/b'], {}, /name of one database/],
  [
    ['--store', 'clickhouse://u:hunter2@h:8443/d'],
    {},
    /port 8443 of ClickHouse is the one with TLS: write clickhouses:/,
  ],
  [['--store', 'clickhouses://h:8123/d'], {}, /port 8123 of ClickHouse is the one without TLS/],
  [['--store', 'none'], {}, /needs --forward-to/],
  [['--store', 'none', '--forward-to', 'https://t.example'], {}, /apiKey.*TRUBRICS_SERVER_FORWARD_KEY/],
  [['memory'], {}, /Unexpected argument 'memory'/],
  [['--store', 'memory', '--host', '0.0.0.0'], {}, /TRUBRICS_SERVER_KEYS=project=key/],
  [
    ['--store', 'memory', '--host', '0.0.0.0'],
    { TRUBRICS_SERVER_KEYS: 'shop=k' },
    /TRUBRICS_SERVER_TOKENS=project=token/,
  ],
  [
    ['--store', 'memory'],
    { TRUBRICS_SERVER_KEYS: 'hunter2' },
    /TRUBRICS_SERVER_KEYS, entry 1 must look like/,
  ],
  [['--store', 'memory'], { TRUBRICS_SERVER_KEYS: '../x=hunter2' }, /name of a project has/],
  [
    ['--store', 'memory'],
    { TRUBRICS_SERVER_TOKENS: 'shop:write=hunter2' },
    /only :numbers, :edit and :delete may follow/,
  ],
  [['--store', 'memory', '--keys', '/no/such/file'], {}, /\/no\/such\/file: it cannot be read \(ENOENT\)/],
  [['--store', 'memory', '--keys', file], {}, /keys\[0\] has no field "key": put its hash into sha256/],
  [['--store', 'memory', '--user-header', 'x-user'], {}, /needs --trusted-proxy/],
  [['--store', 'memory', '--trusted-proxy', '10.0.0.0/8'], {}, /needs --user-header/],
  [['--store', 'memory', '--may-read', 'ada'], {}, /--may-read names users of --user-header/],
  [
    [
      '--store=memory',
      '--user-header=x',
      '--trusted-proxy=10.0.0.1',
      '--may-read=ada',
      '--may-edit=ada,joan',
    ],
    {},
    /--may-edit names joan, whom --may-read leaves out/,
  ],
  [
    ['--store', 'memory', '--user-header', 'x-user', '--trusted-proxy', '10.0.0.0/33'],
    {},
    /no address or range/,
  ],
  [['--store', 'memory', '--quota', '0'], {}, /--quota must be a whole number from 1 on, not "0"/],
  [
    ['--store', 'none', '--forward-to', 'https://t.example', '--retention-days', '30'],
    {},
    /--store none keeps nothing|apiKey/,
  ],
  [
    ['--store=memory', '--retention-days=30', '--text-retention-days=30'],
    {},
    /must be less than --retention-days/,
  ],
  [['--store', 'clickhouse://h/d', '--retention-days', '0.5'], {}, /--retention-days must be a whole number/],
  [['--store', 'memory'], { TRUBRICS_SERVER_PORT: 'x' }, /TRUBRICS_SERVER_PORT must be a whole number/],
  [['--store', 'memory', '--base-path', 'a b'], {}, /must be a path such as/],
  [
    ['--store', 'memory', '--trace-url', 'https://traces.example.com/'],
    {},
    /--trace-url must be an http or https address with \{trace_id\}/,
  ],
  [['--store', 'memory', '--allow-host', 'a b'], {}, /--allow-host: Allowed host "a b" is no hostname/],
  [['--store', ''], {}, /--store must not be empty/],
] as const)('the mistake %j with %j is one line that says what to do', async (args, environment, line) => {
  const { code, stdout, stderr } = await run(cli.file, ['serve', ...args], environment).ended;
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^opentelemetry-exporter-trubrics: [^\n]+\n$/);
  expect(stderr.replace(/^[^:]+: /, '')).toMatch(line);
  expect(stderr).not.toContain('hunter2');
});

test('serve takes records of a project in, shows them to its readers, and ends with code 0', async () => {
  const [key, token] = ['a-key-of-the-shop-01', 'a-token-of-the-shop-01'];
  const serve = await startServe(['--store', 'memory'], {
    TRUBRICS_SERVER_KEYS: `shop=${key}`,
    TRUBRICS_SERVER_TOKENS: `shop=${token}`,
  });
  await logged(serve, 'ready');
  expect((await publish(serve.url, key)).status).toBe(200);
  const list = await fetch(`${serve.url}/api/records`, { headers: { authorization: `Bearer ${token}` } });
  expect(await list.json()).toMatchObject({ total: 1 });
  serve.child.kill('SIGTERM');
  expect(await serve.ended).toMatchObject({ code: 0, stderr: '' });
  expect(linesOf(serve).map(({ event }) => event)).toEqual(['started', 'ready', 'draining', 'stopped']);
  expect(linesOf(serve).at(-1)).toMatchObject({ isComplete: true, aborted: 0 });
});

test('options may come from the environment, and the option wins', async () => {
  const serve = await startServe(['--store', 'memory'], {
    TRUBRICS_SERVER_STORE: 'redis://wrong',
    TRUBRICS_SERVER_BASE_PATH: '/trubrics',
  });
  expect((await fetch(`${serve.url}/trubrics/api/records`)).status).toBe(200);
});

test('with file: each project has a file of its own, which a restart reads', async () => {
  const folder = await useFolder();
  const keys = { TRUBRICS_SERVER_KEYS: 'default=k1,shop=k2', TRUBRICS_SERVER_TOKENS: '*=t' };
  const first = await startServe(['--store', `file:${join(folder, 'records.jsonl')}`], keys);
  await publish(first.url, 'k1', 'of default');
  await publish(first.url, 'k2', 'of the shop');
  first.child.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'records.jsonl'), 'utf8')).toContain('of default');
  expect(readFileSync(join(folder, 'records-shop.jsonl'), 'utf8')).toContain('of the shop');
  const second = await startServe(['--store', `file:${join(folder, 'records.jsonl')}`], keys);
  await logged(second, 'ready');
  const list = await fetch(`${second.url}/p/shop/api/records`, { headers: { authorization: 'Bearer t' } });
  expect(await list.json()).toMatchObject({ total: 1, records: [{ prompt: 'of the shop' }] });
});

test('while ClickHouse is not there, serve waits, says so, and never shows the password', async () => {
  const port = await closedPort();
  const serve = await startServe(['--store', `clickhouse://team@127.0.0.1:${port}/db`], {
    TRUBRICS_SERVER_KEYS: 'shop=k1',
    TRUBRICS_SERVER_TOKENS: 'shop=t1',
    TRUBRICS_SERVER_STORE_PASSWORD: 'hunter2',
  });
  expect(await logged(serve, 'store_not_ready')).toMatchObject({
    project: 'shop',
    reason: 'the database cannot be reached (ECONNREFUSED)',
  });
  expect((await fetch(`${serve.url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${serve.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'starting', reason: expect.stringContaining('cannot be reached') },
  ]);
  const sent = await publish(serve.url, 'k1');
  expect([sent.status, sent.headers.get('retry-after')]).toEqual([503, '5']);
  serve.child.kill('SIGTERM');
  const { code, stdout, stderr } = await serve.ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain('hunter2');
});

test('a ClickHouse that refuses the user is one line, and the end', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(403, { 'x-clickhouse-exception-code': '516' }).end('Code: 516. Authentication failed');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const environment = { TRUBRICS_SERVER_STORE_PASSWORD: 'hunter2' };
  const store = ['--store', `clickhouse://team@127.0.0.1:${port}/db`];
  for (const command of [
    ['serve', '--port', '0', ...store],
    ['migrate', ...store],
  ]) {
    const { code, stdout, stderr } = await run(cli.file, command, environment).ended;
    expect([command[0], code]).toEqual([command[0], 1]);
    expect(stderr).toMatch(/^[^\n]*refuses the user or the password for clickhouse:\/\/team@[^\n]+\n$/);
    expect(stdout + stderr).not.toContain('hunter2');
  }
});

test('migrate of a store without a schema is a mistake of the command line', async () => {
  const { code, stderr } = await run(cli.file, ['migrate', '--store', 'memory']).ended;
  expect([code, stderr]).toEqual([2, expect.stringMatching(/Only a ClickHouse has a schema/)]);
});

test.each([
  ['serve', 'TRUBRICS_SERVER_STORE'],
  ['migrate', 'TRUBRICS_SERVER_STORE'],
  ['key', '--project P'],
])('the help of %s names %s', async (command, name) => {
  const { code, stdout } = await run(cli.file, [command, '--help']).ended;
  expect([code, stdout]).toEqual([0, expect.stringContaining(name)]);
});

test('a store in a directory that does not exist ends the server with what to do', async () => {
  const { code, stderr } = await run(cli.file, ['serve', '--store', 'file:/no/such/file']).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/\(ENOENT\): its directory does not exist: create it/);
});

/** Runs the command "key", and returns what it prints. */
async function newKey(
  ...args: string[]
): Promise<{ readonly key: string; readonly token: string; readonly entry: object }> {
  const { code, stdout } = await run(cli.file, ['key', ...args]).ended;
  expect(code).toBe(0);
  return JSON.parse(stdout) as { key: string; token: string; entry: object };
}

test('keys that the command "key" made work from a file, and a change of it counts without a restart', async () => {
  const path = join(await useFolder(), 'keys.json');
  const writer = await newKey('--project', 'shop', '--name', 'checkout');
  const reader = await newKey('--token', '--project', 'shop,docs', '--edit', '--delete');
  const later = await newKey('--project', 'docs', '--quota', '1');
  writeFileSync(path, JSON.stringify({ keys: [writer.entry], tokens: [reader.entry] }));
  const serve = await startServe(['--store', 'memory', '--keys', path]);
  expect((await publish(serve.url, writer.key)).status).toBe(200);
  expect((await publish(serve.url, later.key)).status).toBe(401);
  const headers = { authorization: `Bearer ${reader.token}` };
  const list = await fetch(`${serve.url}/p/shop/api/records`, { headers });
  expect(await list.json()).toMatchObject({ total: 1 });
  expect((await fetch(`${serve.url}/p/shop/api/records`, { method: 'DELETE', headers })).status).toBe(200);
  writeFileSync(path, JSON.stringify({ keys: [later.entry], tokens: [reader.entry] }));
  expect(await logged(serve, 'keys_reloaded')).toMatchObject({ projects: ['docs', 'shop'], keys: 1 });
  expect((await publish(serve.url, writer.key)).status).toBe(401);
  expect((await publish(serve.url, later.key)).status).toBe(200);
  expect((await publish(serve.url, later.key)).status).toBe(429);
  writeFileSync(path, 'damaged');
  expect(await logged(serve, 'keys_not_reloaded')).toMatchObject({
    problem: expect.stringContaining('JSON'),
  });
  expect((await publish(serve.url, writer.key)).status).toBe(401);
  const { stdout } = serve.output();
  for (const secret of [writer.key, reader.token, later.key]) expect(stdout).not.toContain(secret);
});

test.each([
  [[], /Name the project/],
  [['--project', 'a,b'], /A key writes into one project/],
  [['--project', 'a', '--delete'], /--delete is for tokens/],
  [['--project', 'a', '--edit'], /--edit is for tokens/],
  [['--project', 'a b'], /the name of a project/],
  [['--project', 'a', '--quota', 'x'], /--quota must be/],
] as const)('the mistake %j of the command "key" is one line', async (args, line) => {
  const { code, stdout, stderr } = await run(cli.file, ['key', ...args]).ended;
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(line);
});

test('serve does not forward to itself', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await new Promise((resolve) => taken.close(resolve));
  const forwardTo = `http://127.0.0.1:${port}/api/ingestion`;
  const args = ['--store', 'memory', '--port', String(port), '--forward-to', forwardTo];
  const { code, stderr } = await run(cli.file, ['serve', ...args]).ended;
  expect([code, stderr]).toEqual([2, expect.stringMatching(/is this server: name another\n$/)]);
});

test('what is questionable about a configuration is a line each, without a secret', async () => {
  const port = await closedPort();
  const serve = await startServe(['--store', `clickhouse://team:hunter2hunter2@127.0.0.1:${port}/db`], {
    TRUBRICS_SERVER_KEYS: 'shop=short-key,docs=both-key-and-token-1',
    TRUBRICS_SERVER_TOKENS: 'shop=both-key-and-token-1,shpo=a-token-of-enough-length',
  });
  await logged(serve, 'store_not_ready');
  const problems = linesOf(serve).filter(({ event }) => event === 'configuration');
  expect(problems).toMatchObject([
    { problem: expect.stringContaining('TRUBRICS_SERVER_KEYS, entry 1, is shorter than 16'), level: 'warn' },
    { problem: expect.stringContaining('entry 2, is a writing key and a reading token') },
    { problem: expect.stringContaining('reads the project shpo, into which no key writes') },
    { problem: expect.stringContaining('--store holds the password') },
  ]);
  expect(serve.output().stdout).not.toMatch(/hunter2|short-key|both-key|a-token-of/);
});

test('TLS spoken to the plain port is a line of the log that says what to do', async () => {
  const serve = await startServe(['--store', 'memory']);
  await fetch(serve.url.replace('http:', 'https:')).catch(() => undefined);
  expect(await logged(serve, 'refused')).toMatchObject({
    problem: expect.stringContaining('TLS is not spoken here'),
  });
});

test('a taken port is one line', async () => {
  const first = await startServe(['--store', 'memory']);
  const { code, stderr } = await run(cli.file, [
    'serve',
    '--store',
    'memory',
    '--port',
    new URL(first.url).port,
  ]).ended;
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^[^\n]*Port \d+ is taken[^\n]*\n$/)]);
});
