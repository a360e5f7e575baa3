import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { closedPort } from '../support/scripted-server.js';
import { canMountTmpfs, mountTmpfs } from '../support/tmpfs.js';
import { buildCli, run, type Run } from './helpers.js';
import { eventually } from '../support/eventually.js';

let cli: Awaited<ReturnType<typeof buildCli>>;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli.remove());

/** Starts `dev` on a free port and waits until it says where senders have to go. */
function startDev(...args: string[]): Promise<Run & { ingestionUrl: string }> {
  return startDevIn({}, ...args);
}

async function startDevIn(
  environment: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<Run & { ingestionUrl: string }> {
  const dev = run(cli.file, ['dev', '--port', '0', ...args], environment);
  const ingestionUrl = await eventually(() => {
    const match = /TRUBRICS_HOST=(\S+)/.exec(dev.output().stdout);
    if (!match?.[1]) throw new Error(`Not started: ${JSON.stringify(dev.output())}`);
    return match[1];
  });
  return { ...dev, ingestionUrl };
}

function publish(ingestionUrl: string, prompt: string): Promise<Response> {
  return fetch(`${ingestionUrl}/publish_llm_events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'local' },
    body: JSON.stringify([{ user_id: 'ada', prompt, generation: 'g' }]),
  });
}

function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trubrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test.each(['SIGTERM', 'SIGINT'] as const)('dev serves until %s, and then ends cleanly', async (signal) => {
  const dev = await startDev();
  // Without a token, an application needs no key.
  expect(dev.output().stdout).not.toContain('TRUBRICS_API_KEY');
  expect((await publish(dev.ingestionUrl, 'p')).status).toBe(200);
  // An open page must not hold it up.
  const page = await fetch(new URL('/api/live', dev.ingestionUrl));
  dev.child.kill(signal);
  expect(await dev.ended).toMatchObject({ code: 0, stderr: '' });
  await page.body?.cancel().catch(() => undefined);
});

test('what was received with --file survives kill -9', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const first = await startDev('--file', file);
  for (let i = 0; i < 20; i++) await publish(first.ingestionUrl, `prompt ${i}`);
  first.child.kill('SIGKILL');
  await first.ended;
  expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(20);
  const second = await startDev('--file', file);
  const list: unknown = await (await fetch(new URL('/api/records', second.ingestionUrl))).json();
  expect(list).toMatchObject({
    total: 20,
    records: expect.arrayContaining([expect.objectContaining({ prompt: 'prompt 19' })]),
  });
});

test('a taken port is one line', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const port = String((taken.address() as { port: number }).port);
  const { code, stdout, stderr } = await run(cli.file, ['dev', '--port', port]).ended;
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(new RegExp(`^opentelemetry-exporter-trubrics: Port ${port} is taken.*--port.*\\n$`));
});

test.each([
  [['dev', '--prot', '1'], 2, /--prot/],
  [
    ['dev', '--trace-url', 'https://traces.example.com/'],
    2,
    /--trace-url must be an http or https address with \{trace_id\}/,
  ],
  [['dev', '--port', 'many'], 2, /--port must be a whole number from 0 to 65535, not "many"/],
  [['dev', '--port', '70000'], 2, /65535/],
  [['dev', '--port'], 2, /--port/],
  [['dev', '--file', ''], 2, /--file must not be empty/],
  [['dev', '--organization-property', ''], 2, /--organization-property must not be empty/],
  [['dev', 'extra'], 2, /extra/],
  [['dev', '--host', '0.0.0.0'], 2, /--token/],
  [
    ['dev', '--port', '0', '--host', 'nowhere.invalid', '--token', 't'],
    1,
    /Cannot listen at nowhere\.invalid/,
  ],
  [
    ['dev', '--port', '0', '--file', '/nowhere/at/all.jsonl'],
    1,
    /Cannot read and write the file \/nowhere\/at\/all\.jsonl \(ENOENT\): its directory does not exist: create it/,
  ],
  [['dev', '--port', '0', '--file', tmpdir()], 1, /\(EISDIR\): it is a directory/],
  [['dev', '--port', '0', '--', 'no-such-command-anywhere'], 1, /Cannot run no-such-command-anywhere/],
  [['dev', '--forward-to', 'nonsense'], 2, /--forward-to: Option "host" must be an http\(s\) URL, .* not/],
  [['dev', '--forward-to', 'http://10.1.2.3/api'], 2, /--forward-to: .*plain http/],
  [
    ['dev', '--forward-to', 'https://trubrics.example'],
    2,
    /--forward-to: Option "apiKey" is missing.*TRUBRICS_API_KEY/,
  ],
  [['dev', '--allow-host', 'two words'], 2, /Allowed host "two words" is no hostname/],
  [['dev', '--forward-key', 'k'], 2, /--forward-key needs --forward-to, because there is no default host/],
  [['prod'], 2, /no command "prod"/],
  [[], 2, /--help/],
] as const)('%j is one clear line on stderr', async (args, code, message) => {
  const ended = await run(cli.file, args, { TRUBRICS_API_KEY: undefined }).ended;
  expect(ended.stderr).toMatch(message);
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(ended.code).toBe(code);
});

test('--help and --version say what they are asked for', async () => {
  for (const args of [['--help'], ['-h'], ['dev', '--help']]) {
    const { code, stdout } = await run(cli.file, args).ended;
    expect([code, stdout.includes('--allow-host')]).toEqual([0, true]);
  }
  const { stdout } = await run(cli.file, ['--version']).ended;
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(stdout).toBe(`${version}\n`);
});

test('dev -- command runs it with the environment set, and ends with its exit code', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const script = `fetch(process.env.TRUBRICS_HOST + '/publish_events', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': process.env.TRUBRICS_API_KEY },
    body: JSON.stringify([{ user_id: 'ada', event: 'Sign up' }]),
  }).then((answer) => process.exit(answer.ok ? 7 : 8))`;
  const { code } = await run(cli.file, [
    'dev',
    '--port',
    '0',
    '--file',
    file,
    '--',
    process.execPath,
    '-e',
    script,
  ]).ended;
  expect(code).toBe(7);
  expect(existsSync(file) && readFileSync(file, 'utf8')).toContain('Sign up');
});

test('a file that another process has is one line', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const first = await startDev('--file', file);
  const { code, stdout, stderr } = await run(cli.file, ['dev', '--port', '0', '--file', file]).ended;
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(new RegExp(`records\\.jsonl is in use by process ${first.child.pid}.*\\n$`));
  first.child.kill('SIGTERM');
  await first.ended;
  expect(existsSync(`${file}.lock`)).toBe(false);
});

test.each([
  [{}, 'here here'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, 'none none'],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector/v1/traces' }, 'other none'],
  [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://collector/v1/logs' }, 'here other'],
])(
  'dev -- command points exporters of spans and log records here, unless they have a place of their own: %j',
  async (env, expected) => {
    const script = `const e = process.env;
    const at = (signal) => { const url = e['OTEL_EXPORTER_OTLP_' + signal.toUpperCase() + '_ENDPOINT'];
      return url === e.TRUBRICS_HOST.replace('/api/ingestion', '/v1/' + signal) ? 'here' : url ? 'other' : 'none'; };
    console.log('places: ' + at('traces') + ' ' + at('logs'));`;
    const dev = run(cli.file, ['dev', '--port', '0', '--', process.execPath, '-e', script], {
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: undefined,
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: undefined,
      ...env,
    });
    expect((await dev.ended).stdout).toContain(`places: ${expected}`);
  },
);

test('--forward-to sends what arrives on, at the latest when dev is stopped', async () => {
  const host = await startDev();
  const dev = await startDev('--forward-to', host.ingestionUrl);
  expect(dev.output().stdout).toContain(`sent on to ${host.ingestionUrl}`);
  await publish(dev.ingestionUrl, 'forwarded');
  dev.child.kill('SIGTERM');
  expect(await dev.ended).toMatchObject({ code: 0, stderr: '' });
  const list: unknown = await (await fetch(new URL('/api/records', host.ingestionUrl))).json();
  expect(list).toMatchObject({ records: [{ prompt: 'forwarded' }] });
});

test('a host that refuses what is forwarded is told in the terminal', async () => {
  const host = await startDev('--token', 'real');
  const dev = await startDev('--forward-to', host.ingestionUrl, '--forward-key', 'wrong');
  for (let i = 0; i < 20; i++) await publish(dev.ingestionUrl, 'p');
  await expect
    .poll(() => dev.output().stdout)
    .toMatch(new RegExp(`forwarding to ${host.ingestionUrl}: .*401`));
});

test('what could not be forwarded is said at the end, with an exit code of its own', async () => {
  const host = await startDev('--token', 'real');
  const dev = await startDev('--forward-to', host.ingestionUrl, '--forward-key', 'wrong');
  for (let i = 0; i < 3; i++) await publish(dev.ingestionUrl, 'p');
  dev.child.kill('SIGINT');
  const { code, stderr } = await dev.ended;
  expect(stderr).toMatch(
    new RegExp(
      `^opentelemetry-exporter-trubrics: 3 of 3 records were not forwarded to ${host.ingestionUrl}: 3 lost .*401`,
    ),
  );
  expect(code).toBe(3);
}, 30_000);

test.each([
  [0, 3],
  [7, 7],
])(
  'an application that ends with %i, while its records cannot be forwarded, makes dev end with %i',
  async (own, expected) => {
    const send = `
      await fetch(process.env.TRUBRICS_HOST + '/publish_llm_events', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
        body: JSON.stringify([{ user_id: 'ada', prompt: 'p', generation: 'g' }]),
      });
      process.exitCode = ${own};`;
    const host = `http://127.0.0.1:${await closedPort()}/api/ingestion`;
    const command = [process.execPath, '--input-type=module', '-e', send];
    const dev = run(cli.file, ['dev', '--port', '0', '--forward-to', host, '--', ...command]);
    const { code, stderr } = await dev.ended;
    expect(stderr).toContain('1 of 1 records were not forwarded');
    expect(code).toBe(expected);
  },
  30_000,
);

test('--max-records and TRUBRICS_MAX_RECORDS bound what is kept, the option before the variable', async () => {
  for (const [args, environment, kept] of [
    [['--max-records', '2'], {}, 2],
    [[], { TRUBRICS_MAX_RECORDS: '3' }, 3],
    [['--max-records', '2'], { TRUBRICS_MAX_RECORDS: '3' }, 2],
    [[], { TRUBRICS_MAX_RECORDS: '' }, 4],
  ] as const) {
    const dev = await startDevIn(environment, ...args);
    for (let i = 0; i < 4; i++) await publish(dev.ingestionUrl, String(i));
    const stats: unknown = await (await fetch(new URL('/api/stats', dev.ingestionUrl))).json();
    expect(stats).toMatchObject({ records: kept, store: { evicted: 4 - kept } });
  }
});

test.each(['0', '-1', '1.5', 'many', '', '99999999999'])(
  '--max-records %j is refused in one line',
  async (value) => {
    const { code, stderr } = await run(cli.file, ['dev', `--max-records=${value}`]).ended;
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^[^\n]*--max-records must (?:be a whole number|not be empty)[^\n]*\n$/),
    ]);
  },
);

/** From util-linux: runs a command on a terminal of its own. */
const scriptCommand = '/usr/bin/script';
if (!existsSync(scriptCommand))
  console.warn('\n*** SKIPPED: the test of the terminal. There is no "script". ***\n');

test.skipIf(!existsSync(scriptCommand))(
  'on a terminal, each record is one line, and a flood is counted',
  async () => {
    const command = `"${process.execPath}" "${cli.file}" dev --port 0`;
    const child = spawn(scriptCommand, ['-qfc', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    await expect.poll(() => output).toMatch(/TRUBRICS_HOST=\S+\s/);
    const ingestionUrl = /TRUBRICS_HOST=(\S+)/.exec(output)?.[1] ?? '';
    await publish(ingestionUrl, 'Tell me\na joke');
    await expect.poll(() => output).toMatch(/\d\d:\d\d:\d\d {2}ada .*Tell me a joke/);
    for (let i = 0; i < 60; i++) await publish(ingestionUrl, 'again');
    await expect.poll(() => output).toMatch(/… and \d+ more/);
  },
);

test('a refused request is told in the terminal', async () => {
  const dev = await startDev();
  await fetch(`${dev.ingestionUrl}/publish_events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
    body: '[{"event":"e"}]',
  });
  await expect
    .poll(() => dev.output().stdout)
    .toContain('refused 422 /api/ingestion/publish_events body.0.user_id: Field required');
});

test.skipIf(!canMountTmpfs())('a full disk is told in one line, and so is that it works again', async () => {
  const tmpfs = mountTmpfs('size=128k');
  onTestFinished(() => tmpfs?.unmount());
  const dev = await startDev('--file', join(tmpfs?.dir ?? '', 'records.jsonl'));
  onTestFinished(() => void dev.child.kill());
  const large = 'x'.repeat(200_000);
  for (let at = 0; at < 3; at++) expect((await publish(dev.ingestionUrl, large)).status).toBe(503);
  expect((await publish(dev.ingestionUrl, 'small')).status).toBe(200);
  await expect.poll(() => dev.output().stdout).toContain('Records are stored in');
  const lines = dev.output().stdout.split('\n');
  expect(lines.filter((line) => line.includes('Records cannot be stored'))).toEqual([
    expect.stringContaining('the disk is full (ENOSPC)'),
  ]);
  expect(lines.filter((line) => line.includes('503'))).toHaveLength(1);
});
