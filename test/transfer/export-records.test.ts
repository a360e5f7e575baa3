import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { exportRecords, type ExportOptions } from '../../src/transfer/export-records.js';
import { sleep } from '../../src/transfer/sending/sleep.js';
import { closedPort, inTurn, OK, type Reply, type Script } from '../support/scripted-server.js';
import { jsonLines } from '../support/transfer-files.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

// Waits take no time, and the clock goes on by as much.
vi.mock(import('../../src/transfer/sending/sleep.js'), () => ({ sleep: vi.fn<typeof sleep>() }));
let now = 0;
beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  vi.spyOn(Date, 'now').mockImplementation(() => now);
  vi.mocked(sleep)
    .mockReset()
    .mockImplementation((ms) => {
      now += ms;
      return Promise.resolve();
    });
});
const waits = (): number[] => vi.mocked(sleep).mock.calls.map(([ms]) => ms);

const RECORDS = Array.from({ length: 400 }, (_, i) => ({ kind: 'event', id: `é-${i}`, text: 'ü'.repeat(i) }));

type Answer = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
};

/** A server whose answers to an export may be shorter than they say: the connection then breaks. */
async function useBreakingServer(replies: readonly Answer[]): Promise<string> {
  const left = [...replies];
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/records')) {
      response.end('{"total":400}');
      return;
    }
    const { status, headers = {}, body = '' } = (left.length > 1 ? left.shift() : left[0]) ?? { status: 200 };
    response.writeHead(status, headers);
    if (headers['content-length'] === undefined) response.end(body);
    else response.write(body, () => setTimeout(() => response.destroy(), 20));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers that break after so many bytes of the export, in turn; then all of it. */
function breaking(body: string, ...breaks: readonly number[]): readonly Answer[] {
  const bytes = Buffer.from(body);
  const headers = { 'content-length': String(bytes.length + 1) };
  const cut = breaks.map((end) => ({ status: 200, headers, body: bytes.subarray(0, end) }));
  return [...cut, { status: 200, body }];
}

/** Returns the number of lines. */
function exported(base: string, options: Partial<ExportOptions> = {}): Promise<number> {
  return exportRecords({
    base,
    format: 'jsonl',
    filters: new URLSearchParams(),
    giveUpMs: 60_000,
    signal: new AbortController().signal,
    write: () => Promise.resolve(),
    ...options,
  });
}

/** Returns what is written. */
async function run(base: string, options: Partial<ExportOptions> = {}): Promise<string> {
  let written = '';
  await exported(base, {
    write: (text) => {
      written += text;
      return Promise.resolve();
    },
    restart: () => {
      written = '';
      return Promise.resolve();
    },
    ...options,
  });
  return written;
}

test('an export goes on after each break of the connection, without a double and without a gap', async () => {
  const body = jsonLines(...RECORDS);
  // Within a record and a character, at its end, before the first record, and again at the same place.
  const end = Buffer.byteLength(jsonLines(...RECORDS.slice(0, 100)));
  const base = await useBreakingServer(breaking(body, end + 33, end, 5, 60_001, 60_001));
  expect(await run(base)).toBe(body);
});

test('an export that comes in pieces of lines and of characters is complete', async () => {
  const bytes = Buffer.from(jsonLines({ id: 'ü' }, { id: '東京' }));
  const at = bytes.indexOf('ü') + 1;
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/records')) response.end('{}');
    else response.write(bytes.subarray(0, at), () => setTimeout(() => response.end(bytes.subarray(at)), 20));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  expect(await run(`http://127.0.0.1:${port}`)).toBe(bytes.toString());
});

test('an export does not go on after a break with filters that mean other records', async () => {
  const [first, second] = breaking(jsonLines(...RECORDS), 50_000);
  const as = (answer: Answer | undefined, query: string): Answer => ({
    status: 200,
    ...answer,
    headers: { ...answer?.headers, 'x-trubrics-query': query },
  });
  const base = await useBreakingServer([as(first, 'one'), as(second, 'another')]);
  await expect(run(base)).rejects.toMatchObject({ isTemporary: true, canGoOn: false });
  // CSV is written anew from its beginning.
  const [cut, whole] = breaking('id\r\n1\r\n2\r\n', 6);
  const csv = await useBreakingServer([as(cut, 'one'), as(whole, 'another')]);
  expect(await run(csv, { format: 'csv' })).toBe('id\r\n1\r\n2\r\n');
});

test('an export to CSV begins anew after a break', async () => {
  const body = `\uFEFFid,text\r\n${RECORDS.map(({ id, text }) => `${id},"${text}\n"\r\n`).join('')}`;
  const base = await useBreakingServer(breaking(body, 30_000, 50_000));
  expect(await run(base, { format: 'csv' })).toBe(body);
});

test('an export to CSV that cannot begin anew says so', async () => {
  const base = await useBreakingServer(breaking('id\r\n1\r\n2\r\n', 6));
  await expect(run(base, { format: 'csv', restart: undefined })).rejects.toThrow('write it to a file');
  // Nothing is written yet that would have to be thrown away.
  const busy = await useScriptedServer(inTurn(OK, { status: 503 }, { status: 200, body: 'id\r\n' }));
  expect(await run(busy.url, { format: 'csv', restart: undefined })).toBe('id\r\n');
});

test('an export whose next record is gone says so, instead of leaving a gap', async () => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/records')) {
      response.end('{}');
      return;
    }
    requests.push(request.url ?? '');
    const isFirst = requests.length === 1;
    if (isFirst)
      response.write(jsonLines(...RECORDS.slice(0, 2)), () => setTimeout(() => response.destroy(), 20));
    else response.end(jsonLines(RECORDS[0], ...RECORDS.slice(2, 4)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await expect(run(`http://127.0.0.1:${port}`)).rejects.toThrow('was deleted meanwhile');
});

test('a busy server is asked again, and one that refuses is not', async () => {
  const busy = await useScriptedServer(
    inTurn(
      OK,
      { status: 503, headers: { 'retry-after': '0' } },
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 200, body: '{"id":"a"}\n' },
    ),
  );
  expect(await run(busy.url)).toBe('{"id":"a"}\n');
  const refusing = await useScriptedServer(() => ({ status: 401, body: '{"detail":"no"}' }));
  await expect(run(refusing.url)).rejects.toThrow('answers 401: set TRUBRICS_TOKEN');
  expect(refusing.requests).toHaveLength(1);
});

test('a server that is not there is given up after the time that was given', async () => {
  await expect(run(`http://127.0.0.1:${await closedPort()}`, { giveUpMs: 0 })).rejects.toMatchObject({
    isTemporary: true,
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

/** Answers of the route of records, for the total, and of the export, in turn. */
function answers(...exports: readonly Reply[]): Script {
  const next = inTurn(...exports);
  return (request) =>
    request.path.startsWith('/api/records') ? { status: 200, body: '{"total":7}' } : next(request);
}

const LINES = '{"id":"a"}\n{"id":"b"}\n';
const BUSY = { status: 503, headers: { 'retry-after': '10' } };

test('the filters, the format and the token are sent, and an export tells its progress', async () => {
  const server = await useScriptedServer(answers({ status: 200, body: LINES }));
  const progress: unknown[] = [];
  const lines = await exported(server.url, {
    filters: new URLSearchParams('tag=x&limit=9'),
    token: 'secret',
    onProgress: (...numbers) => progress.push(numbers),
  });
  expect([lines, progress]).toEqual([2, [[2, 7]]]);
  expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ['/api/records?tag=x&limit=1&preview=1', 'Bearer secret'],
    ['/api/export?tag=x&limit=9&format=jsonl', 'Bearer secret'],
  ]);
  const open = await useScriptedServer(answers({ status: 200, body: '' }));
  await run(open.url);
  expect(open.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test('without a total the export goes on, but a server that refuses to tell it refuses the export', async () => {
  const server = await useScriptedServer(inTurn({ status: 500 }, { status: 200, body: LINES }));
  const progress: unknown[] = [];
  await run(server.url, { onProgress: (...numbers) => progress.push(numbers) });
  expect(progress).toEqual([[2, undefined]]);
  const refusing = await useScriptedServer(inTurn({ status: 403 }, { status: 200, body: LINES }));
  await expect(run(refusing.url)).rejects.toMatchObject({ isTemporary: false });
});

test.each([
  [302, 'answers 302: since must be a time'],
  [400, 'answers 400: since must be a time'],
  [403, 'answers 403: since must be a time'],
  [404, 'answers 404: since must be a time'],
])('an answer %i ends the export at once', async (status, message) => {
  const headers = { location: '/elsewhere' };
  const server = await useScriptedServer(
    answers({ status, headers, body: '{"detail":"since must be a time"}' }),
  );
  await expect(run(server.url)).rejects.toMatchObject({
    message: expect.stringMatching(new RegExp(`${message}$`)),
    isTemporary: false,
    canGoOn: false,
  });
  expect([server.requests.length, waits()]).toEqual([2, []]);
});

test('a busy server is given the time that it asks for, and who waits is told why', async () => {
  const server = await useScriptedServer(
    answers(BUSY, { status: 429, headers: { 'retry-after': '20' } }, 'reset', { status: 200, body: LINES }),
  );
  const reasons: string[] = [];
  await run(server.url, { onWait: (reason) => reasons.push(reason) });
  const [first = 0, second = 0, third = 0] = waits();
  expect([first, second, third < 10_000]).toEqual([10_000, 20_000, true]);
  expect(reasons).toEqual(['answer 503', 'answer 429', expect.stringMatching(/ECONNRESET|UND_ERR|broken/)]);
});

test('an export is given up when nothing was written for so long, and each record begins the time anew', async () => {
  const down = await useScriptedServer(answers(BUSY));
  await expect(run(down.url, { giveUpMs: 25_000 })).rejects.toMatchObject({
    message: `${down.url} does not answer (answer 503)`,
    isTemporary: true,
    canGoOn: true,
  });
  expect(waits()).toEqual([10_000, 10_000]);
  vi.mocked(sleep).mockClear();
  const [first = '', second = ''] = RECORDS.map((record) => jsonLines(record));
  const cut = (...lines: string[]) => ({
    status: 200,
    headers: { 'content-length': '100000' },
    body: lines.join(''),
  });
  const slow = await useBreakingServer([BUSY, BUSY, cut(first), BUSY, BUSY, cut(first, second), BUSY]);
  await expect(run(slow, { giveUpMs: 25_000 })).rejects.toThrow('answer 503');
  expect(waits().filter((ms) => ms === 10_000).length).toBeGreaterThanOrEqual(5);
});

test('an interrupted export ends at once, before a wait and after it', async () => {
  const interrupted = { message: 'interrupted', isTemporary: true, canGoOn: true };
  const server = await useScriptedServer(answers(BUSY));
  const during = new AbortController();
  vi.mocked(sleep).mockImplementation(() => {
    during.abort();
    return Promise.resolve();
  });
  await expect(run(server.url, { signal: during.signal })).rejects.toMatchObject(interrupted);
  expect([server.requests.length, waits().length]).toEqual([2, 1]);
  const before = new AbortController();
  const hanging = await useScriptedServer((request) => {
    if (!request.path.startsWith('/api/records')) setImmediate(() => before.abort());
    return request.path.startsWith('/api/records') ? OK : 'hang';
  });
  await expect(run(hanging.url, { signal: before.signal })).rejects.toMatchObject(interrupted);
  expect(waits().length).toBe(1);
});

test('an export goes on after what an earlier one has written, and counts it', async () => {
  const server = await useScriptedServer(answers({ status: 200, body: `${LINES}{"id":"c"}\n` }));
  const written: string[] = [];
  const write = (text: string): Promise<void> => Promise.resolve(void written.push(text));
  const resume = { lines: 2, lastLine: '{"id":"b"}' };
  expect(await exported(server.url, { resume, write })).toBe(3);
  expect(written).toEqual(['{"id":"c"}\n']);
  const complete = { lines: 3, lastLine: '{"id":"c"}' };
  expect(await exported(server.url, { resume: complete, write })).toBe(3);
  expect(written).toHaveLength(1);
  const gone = { lines: 1, lastLine: '{"id":"gone"}' };
  await expect(exported(server.url, { resume: gone, write })).rejects.toMatchObject({
    isTemporary: true,
    canGoOn: false,
  });
  expect(written).toHaveLength(1);
});

test('what is written, and a new beginning, are waited for', async () => {
  const order: string[] = [];
  const slowly = (what: string) => async (): Promise<void> => {
    order.push(`${what} begins`);
    // Longer than the next request takes.
    await new Promise((resolve) => void setTimeout(resolve, 100));
    order.push(`${what} ends`);
  };
  const cut = { status: 200, headers: { 'content-length': '1000' }, body: 'id\r\n1\r\n' };
  const base = await useBreakingServer([cut, { status: 200, body: 'id\r\n1\r\n2' }]);
  const lines = await exported(base, { format: 'csv', write: slowly('write'), restart: slowly('restart') });
  expect(lines).toBe(2);
  expect(order).toEqual(
    ['write', 'restart', 'write', 'write'].flatMap((what) => [`${what} begins`, `${what} ends`]),
  );
});
