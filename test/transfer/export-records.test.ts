import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { exportRecords, type ExportOptions } from '../../src/transfer/export-records.js';
import { closedPort, inTurn, OK } from '../support/scripted-server.js';
import { jsonLines } from '../support/transfer-files.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

const RECORDS = Array.from({ length: 400 }, (_, i) => ({ kind: 'event', id: `é-${i}`, text: 'ü'.repeat(i) }));

/** A server that breaks the connection after so many bytes of the export, in turn; then it sends all. */
async function useBreakingServer(body: string, ...breaks: readonly number[]): Promise<string> {
  const left = [...breaks];
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/records')) {
      response.end('{"total":400}');
      return;
    }
    const bytes = Buffer.from(body);
    const cut = left.shift();
    if (cut === undefined) response.end(bytes);
    else response.write(bytes.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(base: string, options: Partial<ExportOptions> = {}): Promise<string> {
  let written = '';
  await exportRecords({
    base,
    format: 'jsonl',
    filters: new URLSearchParams(),
    giveUpMs: 60_000,
    signal: new AbortController().signal,
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
  const base = await useBreakingServer(body, end + 33, end, 5, 60_001, 60_001);
  expect(await run(base)).toBe(body);
});

test('an export to CSV begins anew after a break', async () => {
  const body = `\uFEFFid,text\r\n${RECORDS.map(({ id, text }) => `${id},"${text}\n"\r\n`).join('')}`;
  const base = await useBreakingServer(body, 30_000, 50_000);
  expect(await run(base, { format: 'csv' })).toBe(body);
});

test('an export to CSV that cannot begin anew says so', async () => {
  const base = await useBreakingServer('id\r\n1\r\n2\r\n', 6);
  await expect(run(base, { format: 'csv', restart: undefined })).rejects.toThrow('write it to a file');
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
