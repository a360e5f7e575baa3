import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { RunningServer } from '../../../src/server/index.js';
import { closedPort } from '../../support/scripted-server.js';
import { jsonLines, writeInput } from '../../support/transfer-files.js';
import { useFolder } from '../../support/use-folder.js';
import { useServer } from '../../support/use-server.js';
import { buildCli, run } from '../helpers.js';

let cli: Awaited<ReturnType<typeof buildCli>>;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli.remove());

function events(count: number, extra: object = {}): object[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: 'event',
    id: `event-${i}`,
    userId: 'ada',
    event: 'Sign up',
    timestamp: new Date(Date.UTC(2026, 2, 1) + i).toISOString(),
    receivedAt: new Date(Date.UTC(2026, 2, 2) + i).toISOString(),
    tags: [],
    properties: {},
    ...extra,
  }));
}

function runImport(server: Pick<RunningServer, 'url'>, ...args: string[]) {
  return run(cli.file, ['import', '--to', server.url, ...args]);
}

/** Runs `import -`, with this as its standard input. */
async function importStdin(server: RunningServer, input: Buffer | string) {
  const child = spawn(process.execPath, [cli.file, 'import', '-', '--to', server.url]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

test('import sends a file to the server, says what it did in one line, and ends with 0', async () => {
  const server = await useServer();
  const file = await writeInput(jsonLines(...events(3)));
  const { code, stdout, stderr } = await runImport(server, file).ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(`Imported 3 records into ${server.ingestionUrl}, 0 of them there already\n`);
  expect(server.records()).toHaveLength(3);
  expect(existsSync(`${file}.import-progress`)).toBe(false);
});

test('the key is taken from TRUBRICS_API_KEY, and the server from TRUBRICS_HOST', async () => {
  const server = await useServer({ apiKey: 'secret' });
  const file = await writeInput(jsonLines(...events(1)));
  const environment = { TRUBRICS_HOST: server.ingestionUrl, TRUBRICS_API_KEY: 'secret' };
  expect(await run(cli.file, ['import', file], environment).ended).toMatchObject({ code: 0 });
  const wrong = await run(cli.file, ['import', file], { ...environment, TRUBRICS_API_KEY: 'other' }).ended;
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('set TRUBRICS_API_KEY') });
  expect(wrong.stdout + wrong.stderr).not.toContain('other');
});

test('bad lines are named on the error output and in a file, and the exit code is 3', async () => {
  const server = await useServer();
  const [first, second] = events(2);
  const file = await writeInput(
    `${JSON.stringify(first)}\nbad\n${JSON.stringify({ ...second, userId: 7 })}\n`,
  );
  const skipped = join(await useFolder(), 'skipped.jsonl');
  const { code, stderr } = await runImport(server, file, '--skipped', skipped).ended;
  expect(code).toBe(3);
  expect(stderr.split('\n')).toEqual([
    '1 left out: not JSON',
    `  ${file}, line 2`,
    '1 left out: not a valid record',
    `  ${file}, line 3: userId: Input should be a valid string`,
    '',
  ]);
  const lines = readFileSync(skipped, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { file, unit: 'line', number: 2, reason: 'not_json' },
    {
      file,
      unit: 'line',
      number: 3,
      reason: 'invalid',
      detail: 'userId: Input should be a valid string',
    },
  ]);
  expect(server.records()).toHaveLength(1);
});

test('of many bad lines the first are named and all are counted', async () => {
  const server = await useServer();
  const file = await writeInput('bad\n'.repeat(1_200));
  const { stderr } = await runImport(server, file).ended;
  expect(stderr).toContain('1,200 left out: not JSON');
  expect(stderr).toContain('  … and 1,180 more');
  expect(stderr.split('\n').length).toBeLessThan(30);
});

test('the standard input is read, compressed or not, and also as the file of dev', async () => {
  const server = await useServer();
  const exported = jsonLines(...events(3).map((event, seq) => ({ seq, ...event })));
  expect(await importStdin(server, gzipSync(exported))).toMatchObject({ code: 0 });
  expect(server.records()).toHaveLength(3);
  const log = jsonLines(...events(5), { removed: ['event-3'] });
  const { code, output } = await importStdin(server, log);
  expect([code, output]).toEqual([
    0,
    expect.stringContaining('1 left out: a record that a later line deletes'),
  ]);
  expect(server.records().map(({ id }) => id)).toEqual(['event-0', 'event-1', 'event-2', 'event-4']);
});

test('an import that is killed in the middle and repeated ends with every record once', async () => {
  const server = await useServer();
  const file = await writeInput(jsonLines(...events(20_000, { properties: { text: 'x'.repeat(500) } })));
  const first = runImport(server, file);
  await vi.waitFor(() => expect(existsSync(`${file}.import-progress`)).toBe(true), { timeout: 20_000 });
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await runImport(server, file).ended;
  expect(second.code).toBe(0);
  expect(server.records()).toHaveLength(20_000);
  expect(new Set(server.records().map(({ id }) => id)).size).toBe(20_000);
  expect(existsSync(`${file}.import-progress`)).toBe(false);
});

test('a signal ends an import that waits for a server, and says how it goes on', async () => {
  const file = await writeInput(jsonLines(...events(3)));
  const target = { url: `http://127.0.0.1:${await closedPort()}` };
  const waiting = runImport(target, file);
  await vi.waitFor(() => expect(existsSync(`${file}.import-progress`)).toBe(true), { timeout: 20_000 });
  waiting.child.kill('SIGINT');
  const { code, stderr } = await waiting.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('interrupted. The same command goes on where it stopped');
});

test('a server that is not there is given up after the time that was given, with 4', async () => {
  const file = await writeInput(jsonLines(...events(3)));
  const target = { url: `http://127.0.0.1:${await closedPort()}` };
  const { code, stderr } = await runImport(target, file, '--give-up-after', '0s').ended;
  expect(code).toBe(4);
  expect(stderr).toContain('does not take records (ECONNREFUSED). The same command');
});

test('a dry run needs no server', async () => {
  const file = await writeInput(jsonLines(...events(2)));
  const target = { url: `http://127.0.0.1:${await closedPort()}` };
  const { code, stdout } = await runImport(target, file, '--dry-run').ended;
  expect([code, stdout]).toEqual([0, 'Imported 2 records into nothing (dry run)\n']);
});

test.each([
  [[], 'import needs the name of a file'],
  [['a', '--tot', 'x'], "Unknown option '--tot'"],
  [['-', '-'], 'can be read only once'],
  [['a', '--give-up-after', 'soon'], '--give-up-after must be a time such as 30s, 10m or 2h, not "soon"'],
  [['a', '--to', 'trubrics.example'], 'must be an http(s) URL'],
  [['a', '--to', 'http://trubrics.example'], '--allow-insecure permits it'],
  [['a', '--to', 'https://trubrics.example'], 'TRUBRICS_API_KEY'],
])('a wrong command line %j is one line, and the exit code is 2', async (args, message) => {
  const { code, stderr } = await run(cli.file, ['import', ...args], { TRUBRICS_API_KEY: '' }).ended;
  expect([code, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
  expect(stderr).toContain(message);
});

test('a file that is not there, a folder and UTF-16 are one line each', async () => {
  const server = await useServer();
  const folder = await useFolder();
  for (const [file, message] of [
    [join(folder, 'missing.jsonl'), 'ENOENT'],
    [folder, 'EISDIR'],
    [await writeInput(Buffer.from('\uFEFF{}\n', 'utf16le')), 'convert it to UTF-8'],
  ] as const) {
    const { code, stderr } = await runImport(server, file).ended;
    expect([code, stderr.trimEnd().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toContain(message);
  }
});

test('import --help shows its options', async () => {
  const { code, stdout } = await run(cli.file, ['import', '--help']).ended;
  expect(code).toBe(0);
  for (const option of ['--to', '--dry-run', '--skipped', '--checkpoint', '--give-up-after'])
    expect(stdout).toContain(option);
});

/** A server that takes everything and keeps nothing. */
async function useSink(): Promise<{ url: string; count: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      count += (JSON.parse(Buffer.concat(chunks).toString()) as unknown[]).length;
      response.end('{"status":"ok"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: () => count };
}

test('a file that is larger than the memory is imported', { timeout: 120_000 }, async () => {
  const path = join(await useFolder(), 'large.jsonl');
  const file = createWriteStream(path);
  const [event] = events(1);
  const text = 'x'.repeat(4_000);
  for (let i = 0; i < 25_000; i++) {
    const line = jsonLines({ ...event, id: `event-${i}`, properties: { text: `${i}${text}` } });
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  const sink = await useSink();
  const { code, stderr } = await run(cli.file, ['import', path, '--to', sink.url], {
    NODE_OPTIONS: '--max-old-space-size=48',
  }).ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(sink.count()).toBe(25_000);
});
