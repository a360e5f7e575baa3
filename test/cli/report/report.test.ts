import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { reportCommand } from '../../../src/cli/report/report-command.js';
import { readReportOptions } from '../../../src/cli/report/report-options.js';
import { post, prompt } from '../../support/server-requests.js';
import { useFolder } from '../../support/use-folder.js';
import { useServer } from '../../support/use-server.js';
import { useTeam } from '../../support/use-team.js';

/** Runs the command, and returns what it prints. */
async function run(...args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => printed.push(String(text)) > 0);
  try {
    await reportCommand(args);
  } finally {
    write.mockRestore();
  }
  return printed.join('');
}

/** The week from Monday, 8 June 2026, and the one before. */
const WEEK = ['--since', '2026-06-08T00:00:00Z', '--until', '2026-06-14T23:59:59.999Z', '--timezone', 'UTC'];
const HOSTILE = '<img src=x onerror=alert(1)> | [x](https://evil.example) \u001B[31m';

/**
 * Two weeks with known numbers. Before: ada and joan ask 4 times in 2 conversations, at $0.10 each. Now: ada and grace (new) ask 8 times in 3
 * conversations, at $0.20 each but for an unpriced call; 1 of 8 fails, 1 of 2 rated answers is bad, and a bot of CI asks once.
 */
function weeks(): readonly object[] {
  const one = (id: string, day: number, fields: object, properties: object = {}) =>
    prompt({
      timestamp: `2026-06-${String(day).padStart(2, '0')}T12:00:00Z`,
      assistant_id: 'gpt-x',
      latency: 2,
      ...fields,
      properties: { $event_id: id, cost: 0.1, service_version: '1.0', ...properties },
    });
  const now = (id: string, day: number, fields: object, properties: object = {}) =>
    one(
      id,
      day,
      { latency: 4, ...fields },
      { cost: 0.2, service_version: '2.0', organization_id: HOSTILE, ...properties },
    );
  return [
    one('b1', 1, { user_id: 'ada', thread_id: 't1' }),
    one('b2', 2, { user_id: 'ada', thread_id: 't1' }),
    one('b3', 3, { user_id: 'joan', thread_id: 't2' }),
    one('b4', 7, { user_id: 'joan', thread_id: 't2' }),
    now('n1', 8, { user_id: 'ada', thread_id: 't3' }),
    now('n2', 8, { user_id: 'ada', thread_id: 't3' }),
    now('n3', 9, { user_id: 'ada', thread_id: 't3' }),
    now('n4', 10, { user_id: 'grace', thread_id: 't4' }),
    now('n5', 11, { user_id: 'grace', thread_id: 't4' }),
    now('n6', 12, { user_id: 'grace', thread_id: 't5' }),
    now(
      'n7',
      13,
      { user_id: 'grace', thread_id: 't5' },
      { cost: undefined, input_tokens: 5, output_tokens: 5 },
    ),
    now('n8', 14, { user_id: 'grace', thread_id: 't5' }, { error_type: 'Timeout' }),
    now('ci', 10, { user_id: 'bot' }, { environment: 'ci' }),
  ];
}

function thumbs(): readonly object[] {
  const thumb = (record: string, score: number) => ({
    event: 'feedback',
    user_id: 'ada',
    timestamp: '2026-06-09T13:00:00Z',
    properties: { $event_id: `f-${record}`, record_id: record, feedback_type: 'thumbs', score },
  });
  return [thumb('n1', 1), thumb('n3', -1)];
}

async function useWeeks(file?: string) {
  const server = await useServer(file === undefined ? {} : { file });
  await post(server, weeks());
  await post(server, thumbs(), {}, 'publish_events');
  return server;
}

test('the week is answered in one page, with the numbers of the records and those of the week before', async () => {
  const server = await useWeeks();
  const text = await run('--from', server.url, ...WEEK);
  for (const line of [
    '8 Jun 2026 – 14 Jun 2026, compared with 1 Jun 2026 – 7 Jun 2026 (UTC)',
    `Records of ${server.url}`,
    'Internal traffic is left out: 1 record',
    '2 people made 8 requests in 3 conversations. 1 new, 1 came back, 0 back after a break, 1 of the period before did not come.',
    'No topics were found: some 20 prompts alike are needed.',
    'Of 2 rated answers, 50 % were bad.',
  ])
    expect(text).toContain(line);
  for (const row of [
    /^ {2}People +2 +same \(2\)$/m,
    /^ {2}Requests +8 +\+100 % \(4\)$/m,
    /^ {2}Conversations +3 +\+50 % \(2\)$/m,
    /^ {2}Mon 8 Jun|^ {2}Mon, 8 Jun +#+ 2$/m,
    /^ {2}Failed requests +13 % of 8 requests +\+13 points \(0 %\)$/m,
    /^ {2}Bad answers +50 % of 2 rated/m,
    /^ {2}95 % answered within +4 s +\+100 % \(2 s\)$/m,
    /^ {2}Timeout +1 +new$/m,
    /^ {2}Cost +\$1\.40 +\+250 % \(\$0\.40\)$/m,
    /^ {2}Of a call +\$0\.20 +\+100 % \(\$0\.10\)$/m,
    /^ {2}Calls without a price +1 +new$/m,
    /^ {2}With an error or a bad answer +\$1\.00 in 2$/m,
    /^New: release 2\.0, 8 requests, compared with 1\.0$/m,
  ])
    expect(text).toMatch(row);
  // Control characters of the data would move the cursor.
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('as HTML it is a page of its own without script, as Markdown it has tables; data is never markup', async () => {
  const server = await useWeeks();
  const folder = await useFolder();
  const [html, markdown] = [join(folder, 'week.html'), join(folder, 'week.md')];
  expect(await run('--from', server.url, ...WEEK, '--output', html)).toBe('');
  await run('--from', server.url, ...WEEK, '-o', markdown);
  const page = readFileSync(html, 'utf8');
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).toContain("default-src 'none'");
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
  expect(page).not.toMatch(/<script|<img|<link|\bsrc=["']|href=|url\(/i);
  expect(page).toContain('2 people made 8 requests in 3 conversations.');
  const text = readFileSync(markdown, 'utf8');
  expect(text).toContain('| Requests | 8 | +100 % (4) |');
  expect(text).toContain(String.raw`&lt;img src=x onerror=alert(1)&gt; \| \[x\](https&#58;//evil.example)`);
  expect(text).not.toContain('\u001B');
});

test('files and stores are reported as a server is', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const server = await useWeeks(file);
  const withoutSource = (text: string): string => text.replace(/^Records of .*$/m, '');
  const expected = withoutSource(await run('--from', server.url, ...WEEK));
  // While the server runs, the file is locked.
  expect(withoutSource(await run('--file', file, ...WEEK))).toBe(expected);
  await expect(run('--store', `file:${file}`, ...WEEK)).rejects.toThrow(/another process|in use|locked/i);
  await server.close();
  expect(withoutSource(await run('--store', `file:${file}`, ...WEEK))).toBe(expected);
  const missing = join(await useFolder(), 'none.jsonl');
  await expect(run('--store', `file:${missing}`)).rejects.toThrow(/There is no file/);
  expect(existsSync(missing)).toBe(false);
  await expect(run('--file', missing)).rejects.toThrow(/Cannot read the file .* \(ENOENT\)/);
});

test('a project is reported with the rights of the token: without texts, the topics are left out', async () => {
  const team = await useTeam({ keys: 'shop=k', tokens: 'shop=reader,shop:numbers=numbers' });
  await team.ready;
  await team.publish('k', weeks());
  vi.stubEnv('TRUBRICS_TOKEN', 'numbers');
  try {
    const text = await run('--from', `${team.url}/p/shop/people?user=grace&q=`, ...WEEK);
    expect(text).toContain('This token shows numbers, and no texts.');
    expect(text).toContain('1 person made 5 requests in 2 conversations.');
    expect(text).toContain('Filters: user=grace');
    await expect(run('--from', team.url, '--project', 'docs', ...WEEK)).rejects.toThrow(/answers 403/);
    vi.stubEnv('TRUBRICS_TOKEN', 'wrong');
    await expect(run('--from', team.url, '--project', 'shop', ...WEEK)).rejects.toThrow(
      /401: set TRUBRICS_TOKEN/,
    );
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a week without records, and one with nothing before it, are told as such', async () => {
  const server = await useServer();
  const nothing = await run('--from', server.url, ...WEEK);
  expect(nothing).toContain('Nobody asked anything.');
  expect(nothing).toContain('Nothing was asked.');
  expect(nothing).not.toMatch(/NaN|undefined|null|Infinity/);
  await post(server, weeks().slice(4));
  const first = await run('--from', server.url, ...WEEK, '--format', 'md');
  expect(first).toContain('| Requests | 8 | new |');
  expect(first).not.toMatch(/NaN|undefined|null|Infinity/);
});

test.each([
  [['--format', 'pdf'], /--format must be one of text, html, md/],
  [['--period', 'year'], /--period must be one of day, week, month/],
  [['--period', 'week', '--since', '7d'], /--period takes the place of --since/],
  [['--from', 'nowhere'], /--from must be the address of a server/],
  [['--from', 'http://a', '--file', 'b'], /Name one of --from, --file and --store/],
  [['--store', 'memory'], /keeps nothing/],
  [['--file', 'a', '--project', 'b'], /--project goes with --from or --store/],
  [['--prop', 'plan'], /--prop must be NAME=VALUE/],
  [['--weekly'], /Unknown option '--weekly'/],
] as const)('the mistake %j is one line', (args, message) => {
  expect(() => readReportOptions(args, {})).toThrow(message);
});

test('days are those of the project, unless another time zone is named', async () => {
  const server = await useServer();
  const body = JSON.stringify({ timeZone: 'Asia/Kathmandu' });
  await fetch(`${server.url}/api/documents/setting/time-zone`, { method: 'PUT', body });
  const week = [
    '--from',
    server.url,
    '--since',
    '2026-06-07T18:15:00Z',
    '--until',
    '2026-06-14T18:14:59.999Z',
  ];
  expect(await run(...week)).toContain('(Asia/Kathmandu)');
  expect(await run(...week, '--timezone', 'UTC')).toContain('(UTC)');
  const day = ['--from', server.url, '--since', '2026-11-01', '--until', '2026-11-01'];
  expect(await run(...day)).toContain('1 Nov 2026, compared with 31 Oct 2026 (Asia/Kathmandu)');
  expect(await run(...day, '--timezone', 'America/New_York')).toContain(
    '1 Nov 2026, compared with 31 Oct 2026 (America/New_York)',
  );
  const another = await useServer();
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  expect(await run('--from', another.url, ...week.slice(2))).toContain(`(${own})`);
});

test('what the server does not understand is a mistake of the command line', async () => {
  const server = await useServer();
  await expect(run('--from', server.url, '--since', 'monday')).rejects.toMatchObject({ exitCode: 2 });
  await expect(run('--from', server.url, '--timezone', 'Mars/Olympus')).rejects.toThrow(/IANA/);
  await server.close();
  await expect(run('--from', server.url)).rejects.toMatchObject({ exitCode: 4 });
});

test('without options it reports seven days of the local server, and a complete week if asked', () => {
  const options = readReportOptions([], {});
  expect(options.source).toEqual({ kind: 'server', base: 'http://127.0.0.1:8782' });
  expect(options.params.get('since')).toBe('7d');
  const week = readReportOptions(['--period', 'week', '--from', 'http://h/?since=24h&tag=a'], {});
  expect(Object.fromEntries(week.params)).toMatchObject({ period: 'week', parts: 'complete', tag: 'a' });
  expect(week.params.has('since')).toBe(false);
  expect(readReportOptions(['--output', 'week.HTML'], {}).format).toBe('html');
  const former = readReportOptions(['--url', 'http://h', '--out', 'week.html'], {});
  expect(former).toEqual(readReportOptions(['--from', 'http://h', '-o', 'week.html'], {}));
  expect(readReportOptions(['--output', 'week.html', '--format', 'md'], {}).format).toBe('md');
});

test('a file that cannot be written is one line', async () => {
  const server = await useServer();
  const path = join(await useFolder(), 'file');
  writeFileSync(path, '');
  await expect(run('--from', server.url, '--output', join(path, 'week.html'))).rejects.toThrow(
    /Cannot write the file .* \(ENOTDIR\)/,
  );
});
