import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { MemoryStore, type RunningServer } from '../../../src/server/index.js';
import { eventually } from '../../support/eventually.js';
import { post, prompt } from '../../support/server-requests.js';
import { useFolder } from '../../support/use-folder.js';
import { useServer } from '../../support/use-server.js';
import { buildCli, run } from '../helpers.js';

let cli: Awaited<ReturnType<typeof buildCli>>;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli.remove());

async function useFilledServer(options: Parameters<typeof useServer>[0] = {}): Promise<RunningServer> {
  const server = await useServer(options);
  await post(
    server,
    [
      prompt({ user_id: 'ada', properties: { plan: 'pro', tags: ['beta'] } }),
      prompt({ user_id: 'bob', assistant_id: 'gpt-4o' }),
      prompt({ user_id: 'carol', prompt: 'Hello "you", \n there', thread_id: 't 1' }),
    ],
    { 'x-api-key': options.token ?? 'any' },
  );
  return server;
}

function runExport(server: Pick<RunningServer, 'url'>, ...args: string[]) {
  return run(cli.file, ['export', '--from', server.url, ...args]).ended;
}

function usersIn(text: string): unknown[] {
  const lines = text.trimEnd().split('\n').filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { userId: string }).userId);
}

test('export and import move everything from one server to another through a pipe', async () => {
  const source = await useFilledServer();
  const target = await useServer();
  const { stdout, stderr, code } = await runExport(source);
  expect([code, stderr]).toEqual([0, '']);
  const child = spawn(process.execPath, [cli.file, 'import', '-', '--to', target.url]);
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.end(stdout);
  expect((await once(child, 'close'))[0]).toBe(0);
  expect(target.records()).toEqual(source.records());
});

test('a file appears when the export is complete, readable by its owner alone', async () => {
  const server = await useFilledServer();
  const folder = await useFolder();
  const file = join(folder, 'all.jsonl');
  const { code, stdout, stderr } = await runExport(server, '-o', file);
  expect([code, stdout, stderr]).toEqual([0, '', `Exported 3 records of ${server.url} to ${file}\n`]);
  expect(usersIn(readFileSync(file, 'utf8'))).toEqual(['ada', 'bob', 'carol']);
  expect([readdirSync(folder), statSync(file).mode & 0o777]).toEqual([['all.jsonl'], 0o600]);
});

test('CSV is that of the page', async () => {
  const server = await useFilledServer();
  const { stdout } = await runExport(server, '--format', 'csv');
  // `text()` leaves out the byte order mark, which Excel needs.
  expect(stdout).toBe(`\uFEFF${await (await fetch(`${server.url}/api/export?format=csv`)).text()}`);
});

test.each([
  [
    ['--user', 'ada', '--user', 'bob'],
    ['ada', 'bob'],
  ],
  [['--model', 'gpt-4o'], ['bob']],
  [['--thread', 't 1'], ['carol']],
  [['--tag', 'beta'], ['ada']],
  [['--prop', 'plan=pro'], ['ada']],
  [['--q', 'hello'], ['carol']],
  [
    ['--since', '1h', '--kind', 'prompt', '--error', 'false'],
    ['ada', 'bob', 'carol'],
  ],
  [['--until', '2020-01-01'], []],
])('the filters %j choose what is exported', async (args, users) => {
  const server = await useFilledServer();
  const { code, stdout } = await runExport(server, ...args);
  expect([code, usersIn(stdout)]).toEqual([0, users]);
});

test('a day chooses the records of that day in the time zone of the project', async () => {
  const server = await useServer();
  const body = JSON.stringify({ timeZone: 'Europe/Berlin' });
  await fetch(`${server.url}/api/documents/setting/time-zone`, { method: 'PUT', body });
  // A day of 25 hours: its first and its last second, and one more on each side.
  const times = ['24T21:59:59', '24T22:00:00', '25T22:59:59', '25T23:00:00'];
  await post(
    server,
    times.map((time) => prompt({ user_id: time, timestamp: `2026-10-${time}Z` })),
  );
  const { stdout } = await runExport(server, '--since', '2026-10-25', '--until', '2026-10-25');
  expect(usersIn(stdout)).toEqual(times.slice(1, 3));
});

test('the address of the page is taken with its view and its filters, and that of the API as well', async () => {
  const { url } = await useFilledServer();
  const fromPage = await runExport({ url: `${url}/people?user=ada&user=carol&sort=name&record=x` });
  expect(usersIn(fromPage.stdout)).toEqual(['ada', 'carol']);
  const fromApi = await runExport({ url: `${url}/api/ingestion` });
  expect(usersIn(fromApi.stdout)).toEqual(['ada', 'bob', 'carol']);
});

test('an export has internal traffic unless it is told to leave it out, and knows segments', async () => {
  const store = new MemoryStore();
  const server = await useFilledServer({ store });
  await post(server, [prompt({ user_id: 'robot', properties: { environment: 'test' } })]);
  await store.documents.put({
    kind: 'segment',
    name: 'some',
    value: { filters: ['user=ada&user=robot'] },
  });
  const users = async (...args: string[]) => usersIn((await runExport(server, ...args)).stdout);
  expect(await users()).toEqual(['ada', 'bob', 'carol', 'robot']);
  expect(await users('--internal', 'hide')).toEqual(['ada', 'bob', 'carol']);
  expect(await users('--internal', 'only')).toEqual(['robot']);
  expect(await users('--segment', 'some')).toEqual(['ada', 'robot']);
});

test('the token is taken from TRUBRICS_TOKEN, and never shown', async () => {
  const server = await useFilledServer({ token: 'reader-token' });
  const args = ['export', '--from', server.url];
  const allowed = await run(cli.file, args, { TRUBRICS_TOKEN: 'reader-token' }).ended;
  expect([allowed.code, usersIn(allowed.stdout).length]).toEqual([0, 3]);
  const refused = await run(cli.file, args, { TRUBRICS_TOKEN: 'wrong-token' }).ended;
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toContain('set TRUBRICS_TOKEN');
  expect(refused.stderr).not.toContain('wrong-token');
});

test('with serve, the key decides the project of an import, and the address or --project that of an export', async () => {
  const serve = run(cli.file, ['serve', '--store', 'memory', '--port', '0'], {
    TRUBRICS_SERVER_KEYS: 'shop=shop-key,docs=docs-key',
    TRUBRICS_SERVER_TOKENS: '*=reader-token',
  });
  const url = await eventually(() => {
    const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(serve.output().stdout + serve.output().stderr) ?? [];
    if (found === undefined) throw new Error(`Not started: ${JSON.stringify(serve.output())}`);
    return found;
  });
  const source = await useFilledServer();
  const exported = await runExport(source, '-o', join(await useFolder(), 'a.jsonl'));
  const file = exported.stderr.trimEnd().split(' ').at(-1) ?? '';
  const imported = await run(cli.file, ['import', file, '--to', url], { TRUBRICS_API_KEY: 'shop-key' }).ended;
  expect([imported.code, imported.stderr]).toEqual([0, '']);
  const reading = { TRUBRICS_TOKEN: 'reader-token' };
  for (const [args, count] of [
    [['--from', url, '--project', 'shop'], 3],
    [['--from', `${url}/p/shop/people`], 3],
    [['--from', `${url}/p/shop`, '--project', 'docs'], 0],
  ] as const) {
    const { code, stdout, stderr } = await run(cli.file, ['export', ...args], reading).ended;
    expect([code, stderr, usersIn(stdout).length]).toEqual([0, '', count]);
  }
  const unnamed = await run(cli.file, ['export', '--from', url], reading).ended;
  expect([unnamed.code, unnamed.stdout]).toEqual([1, '']);
  expect(unnamed.stderr).toContain('Name the project');
});

test('a reader that closes the pipe early ends the export without an error', async () => {
  const server = await useServer();
  const items = Array.from({ length: 100 }, () => prompt({ generation: 'x'.repeat(20_000) }));
  for (let i = 0; i < 3; i++) await post(server, items);
  const child = spawn(process.execPath, [cli.file, 'export', '--from', server.url]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  child.stdout.once('data', () => child.stdout.destroy());
  expect([(await once(child, 'close'))[0], stderr]).toEqual([0, '']);
});

test('an export that is killed in the middle, twice, ends with every record once', async () => {
  const server = await useServer();
  const text = 'x'.repeat(10_000);
  for (let batch = 0; batch < 12; batch += 1)
    await post(
      server,
      Array.from({ length: 100 }, (_, i) =>
        prompt({ generation: text, properties: { $event_id: `${batch}-${i}` } }),
      ),
    );
  const file = join(await useFolder(), 'all.jsonl');
  for (const share of [0.1, 0.5]) {
    const child = spawn(process.execPath, [cli.file, 'export', '--from', server.url, '-o', file]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const closed = once(child, 'close');
    const enough = share * 12_000_000;
    // Killed as soon as so much is written, or complete before.
    for (let isOver = false; !isOver && child.exitCode === null;) {
      const written = statSync(`${file}.part`, { throwIfNoEntry: false })?.size ?? 0;
      isOver = written > enough;
      if (!isOver) await new Promise((resolve) => void setTimeout(resolve, 1));
    }
    child.kill('SIGKILL');
    await closed;
    // A fast machine may have completed it.
    if (existsSync(file)) break;
    // A kill may leave a torn line.
    appendFileSync(`${file}.part`, '{"id":"torn');
  }
  const { code, stderr } = await runExport(server, '-o', file);
  expect([code, stderr]).toEqual([0, `Exported 1,200 records of ${server.url} to ${file}\n`]);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(server.records());
  expect([existsSync(`${file}.part`), existsSync(`${file}.part-of`)]).toEqual([false, false]);
}, 120_000);

test('an export goes on after an interrupted one with the same server and filters alone', async () => {
  const server = await useFilledServer();
  const file = join(await useFolder(), 'all.jsonl');
  const [first = ''] = (await runExport(server)).stdout.split('\n');
  const leave = (filters: readonly string[][]): void => {
    writeFileSync(`${file}.part`, `${first}\n`);
    writeFileSync(`${file}.part-of`, JSON.stringify({ base: server.url, filters }));
  };
  const exported = async (...args: string[]): Promise<unknown[]> => {
    expect((await runExport(server, '-o', file, ...args)).code).toBe(0);
    return usersIn(readFileSync(file, 'utf8'));
  };
  leave([['internal', 'show']]);
  expect(await exported()).toEqual(['ada', 'bob', 'carol']);
  leave([['internal', 'show']]);
  expect(await exported('--user', 'bob')).toEqual(['bob']);
  // The record after which it would go on is gone: the command says so, and the next one begins anew.
  leave([['internal', 'show']]);
  await fetch(`${server.url}/api/records/${encodeURIComponent((JSON.parse(first) as { id: string }).id)}`, {
    method: 'DELETE',
  });
  const lost = await runExport(server, '-o', file);
  expect([lost.code, lost.stderr]).toEqual([4, expect.stringContaining('run it again from the beginning')]);
  expect(await exported()).toEqual(['bob', 'carol']);
});

test('a file that cannot be written is one line, and nothing is left of it', async () => {
  const server = await useFilledServer();
  const { code, stderr } = await runExport(server, '-o', '/nowhere/all.jsonl');
  expect([code, stderr]).toEqual([
    1,
    'opentelemetry-exporter-trubrics: Cannot write the file /nowhere/all.jsonl (ENOENT)\n',
  ]);
  const file = join(await useFolder(), 'all.jsonl');
  const refused = await runExport(server, '-o', file, '--since', 'yesterday');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('since must be an ISO 8601 time');
  expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false]);
});

test.each([
  [['file'], 'Unexpected argument'],
  [['--format', 'xml'], '--format must be jsonl, csv or parquet'],
  [['--from', 'trubrics'], '--from must be the address of a server'],
  [['--prop', 'plan'], '--prop must be NAME=VALUE'],
])('a wrong command line %j is one line, and the exit code is 2', async (args, message) => {
  const { code, stderr } = await run(cli.file, ['export', ...args]).ended;
  expect([code, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
  expect(stderr).toContain(message);
});
