import { readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { RunningServer } from '../../src/server/index.js';
import type { NewRecord } from '../../src/server/model/stored-record.js';
import { fileSource } from '../../src/transfer/input/byte-source.js';
import { recogniseFile } from '../../src/transfer/recognise-file.js';
import { byId, importInto } from '../support/import-into.js';
import { closedPort, inTurn, OK } from '../support/scripted-server.js';
import { post } from '../support/server-requests.js';
import { jsonLines, knownFiles, readContents, writeInput } from '../support/transfer-files.js';
import { useFolder } from '../support/use-folder.js';
import { variedRecords } from '../support/varied-records.js';
import { useScriptedServer } from '../support/use-scripted-server.js';
import { useServer } from '../support/use-server.js';

async function exported(server: RunningServer, format = 'jsonl'): Promise<string> {
  return (await fetch(`${server.url}/api/export?format=${format}`)).text();
}

/** A server with records, as an export has them. */
async function useFilledServer(count = 300): Promise<{ server: RunningServer; text: string }> {
  const server = await useServer();
  await importInto(server.ingestionUrl, { 'all.jsonl': jsonLines(...variedRecords(count)) });
  return { server, text: await exported(server) };
}

test('an export that is imported elsewhere and exported again is the same set of records, field by field', async () => {
  const { text } = await useFilledServer();
  const target = await useServer();
  const { report } = await importInto(target.ingestionUrl, { 'export.jsonl': text });
  expect([report.taken, report.skipped]).toEqual([300, []]);
  expect(await exported(target)).toBe(text);
  expect(byId(target.records())).toEqual(byId(variedRecords(300)));
});

test('an import of several batches keeps the order of arrival, and can be repeated without doubles', async () => {
  const records = variedRecords(2_500);
  const target = await useServer();
  const contents = { 'all.jsonl': jsonLines(...records) };
  const first = await importInto(target.ingestionUrl, contents);
  expect([first.report.taken, first.report.known]).toEqual([2_500, 0]);
  const again = await importInto(target.ingestionUrl, contents);
  expect([again.report.taken, again.report.known]).toEqual([2_500, 2_500]);
  expect(target.records()).toHaveLength(2_500);
  expect(byId(target.records())).toEqual(byId(records));
});

test('the file of dev is imported as dev would read it: replaced, removed and erased records do not come back', async () => {
  const file = join(await useFolder(), 'dev.jsonl');
  const source = await useServer({ file });
  const [first, second, third, fourth] = variedRecords(4);
  await importInto(source.ingestionUrl, { 'a.jsonl': jsonLines(first, second, third, fourth) });
  await importInto(source.ingestionUrl, { 'b.jsonl': jsonLines({ ...first, generation: 'replaced' }) });
  await fetch(`${source.url}/api/records?user=${encodeURIComponent(third?.userId ?? '')}`, {
    method: 'DELETE',
  });
  const lines = await readFile(file, 'utf8');
  // Lines as `dev` appends them, before the file is rewritten.
  const log =
    jsonLines(third, { removed: [second?.id] }) +
    lines +
    jsonLines({ removed: [fourth?.id] }, { document: { kind: 'view', name: 'v' } });
  const target = await useServer();
  const { report } = await importInto(target.ingestionUrl, { 'dev.jsonl': log });
  expect(byId(target.records())).toEqual(
    byId([{ ...first, generation: 'replaced' } as NewRecord, { ...second } as NewRecord]),
  );
  expect(Object.fromEntries(report.skipped)).toMatchObject({ deleted: 1, erased: 1 });
  expect(report.hasLosses).toBe(false);
});

test('an export to CSV is imported, and what a spreadsheet cannot hold is named', async () => {
  const { server } = await useFilledServer(60);
  const long: NewRecord = { ...variedRecords(1)[0], id: 'long', prompt: 'x'.repeat(40_000) } as NewRecord;
  await importInto(server.ingestionUrl, { 'long.jsonl': jsonLines(long) });
  const target = await useServer();
  const { report } = await importInto(target.ingestionUrl, { 'export.csv': await exported(server, 'csv') });
  const kept = variedRecords(60).map((record) => {
    // The columns do not have these.
    const { origin: _1, forwardedTo: _2, ...rest } = record;
    const {
      promptEventName: _3,
      generationEventName: _4,
      ...columns
    } = rest as NewRecord & {
      readonly promptEventName?: string;
      readonly generationEventName?: string;
    };
    // A tag with a comma cannot be told from two, unless the properties have the tags as well.
    return { ...columns, tags: columns.tags.join(', ').split(', ').filter(Boolean) };
  });
  expect(byId(target.records())).toEqual(byId(kept as NewRecord[]));
  expect(report.named('invalid')).toEqual([
    {
      reason: 'invalid',
      detail: 'prompt: cut by the export to CSV; use JSON lines',
      place: { file: 'export.csv', unit: 'row', number: 61 },
    },
  ]);
});

test('each bad line is named with its number and its reason, and all good ones are imported', async () => {
  const [first, second, third] = variedRecords(3);
  const text = [
    JSON.stringify(first),
    '{"torn": ',
    '',
    JSON.stringify({ ...second, timestamp: 'soon' }),
    JSON.stringify({ hello: 'world' }),
    JSON.stringify(second),
    '\u0000\u0000garbage' + JSON.stringify(third),
  ].join('\n');
  const target = await useServer();
  const { report } = await importInto(target.ingestionUrl, { 'a.jsonl': text });
  expect(report.taken).toBe(3);
  expect(report.skipped.map(([reason]) => report.named(reason)[0])).toMatchObject([
    { reason: 'not_json', place: { unit: 'line', number: 2 } },
    { reason: 'not_recognised', place: { number: 5 } },
    { reason: 'invalid', place: { number: 4 }, detail: expect.stringContaining('timestamp') },
  ]);
  expect(report.hasLosses).toBe(true);
});

test('gzip is read, and of a cut file everything before the cut, which is named', async () => {
  const text = jsonLines(...variedRecords(5_000));
  const whole = await readContents({ 'a.jsonl.gz': gzipSync(text) });
  expect([whole.records.length, whole.skips]).toEqual([5_000, []]);
  const cut = gzipSync(text).subarray(0, -40_000);
  const { records, skips } = await readContents({ 'a.jsonl.gz': cut });
  expect(records.length).toBeGreaterThan(100);
  expect(records.length).toBeLessThan(5_000);
  expect(skips.at(-1)).toMatchObject({ reason: 'damaged', place: { file: 'a.jsonl.gz' } });
});

test('bodies of requests are read item by item, whether each is a line or a document', async () => {
  const items = Array.from({ length: 3 }, (_, i) => ({
    user_id: `u${i}`,
    event: 'e',
    timestamp: `2026-03-0${i + 1}T00:00:00Z`,
  }));
  const inLines = await readContents({ 'a.jsonl': jsonLines(items.slice(0, 2), items.slice(2)) });
  const asDocument = await readContents({ 'a.json': JSON.stringify(items, null, 2) });
  expect(inLines.records.map(({ userId }) => userId)).toEqual(['u0', 'u1', 'u2']);
  expect(asDocument.records).toEqual(inLines.records);
});

test('a busy server is waited for as long as it asks, and then gets everything once', async () => {
  const server = await useScriptedServer(
    inTurn(
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503, headers: { 'retry-after': '0' } },
      'reset',
      { status: 200, body: '{"stored":3,"known":0}' },
    ),
  );
  const waits: { ms: number; reason: string }[] = [];
  const result = await importInto(
    server.url,
    { 'a.jsonl': jsonLines(...variedRecords(3)) },
    { onWait: (wait) => wait && waits.push({ ...wait }) },
  );
  expect(result.report.taken).toBe(3);
  expect(waits.map(({ reason }) => reason)).toEqual(['answer 429', 'answer 503', expect.any(String)]);
  expect(waits[0]?.ms).toBeGreaterThanOrEqual(1_000);
});

test('a server that takes nothing for too long interrupts the import, which can be continued', async () => {
  const target = `http://127.0.0.1:${await closedPort()}/api/ingestion`;
  const result = await importInto(
    target,
    { 'a.jsonl': jsonLines(...variedRecords(3)) },
    { giveUpMs: 300, checkpoint: join(await useFolder(), 'c') },
  );
  expect(result.stoppedBy).toMatchObject({
    name: 'ImportInterruptedError',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  expect(result.canContinue).toBe(true);
});

test('a wrong key and a wrong address stop the import with what to do', async () => {
  const server = await useServer({ apiKey: 'secret' });
  const contents = { 'a.jsonl': jsonLines(...variedRecords(3)) };
  const refused = await importInto(server.ingestionUrl, contents);
  expect(refused.stoppedBy).toMatchObject({ message: expect.stringContaining('TRUBRICS_API_KEY') });
  const elsewhere = await importInto(`${server.url}/nowhere`, contents);
  expect(elsewhere.stoppedBy).toMatchObject({
    message: expect.stringContaining('There is no ingestion API at'),
  });
});

test('an interrupted import goes on where it stopped, and ends with the same records', async () => {
  const records = variedRecords(8_000);
  const path = await writeInput(jsonLines(...records));
  const files = [await recogniseFile(await fileSource(path))];
  const checkpoint = `${path}.import-progress`;
  const target = await useServer();
  const stop = new AbortController();
  const first = await importInto(
    target.ingestionUrl,
    {},
    {
      files,
      checkpoint,
      signal: stop.signal,
      onProgress: (sent) => sent >= 1_000 && stop.abort(),
    },
  );
  expect(first.stoppedBy).toMatchObject({ name: 'ImportInterruptedError' });
  const before = target.records().length;
  expect(before).toBeGreaterThanOrEqual(1_000);
  expect(before).toBeLessThan(8_000);
  const second = await importInto(target.ingestionUrl, {}, { files, checkpoint });
  expect(second.stoppedBy).toBeUndefined();
  expect(second.report.sentEarlier).toBeGreaterThan(0);
  expect(second.report.sentEarlier + second.report.taken).toBe(8_000);
  expect(byId(target.records())).toEqual(byId(records));
  await expect(readFile(checkpoint)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('an import that goes on into a server that has lost its records sends everything again, and says so', async () => {
  const records = variedRecords(8_000);
  const path = await writeInput(jsonLines(...records));
  const files = [await recogniseFile(await fileSource(path))];
  const checkpoint = `${path}.import-progress`;
  const lost = await useServer();
  const stop = new AbortController();
  const port = lost.port;
  const first = await importInto(
    lost.ingestionUrl,
    {},
    {
      files,
      checkpoint,
      signal: stop.signal,
      onProgress: (sent) => sent >= 1_000 && stop.abort(),
    },
  );
  expect(first.stoppedBy).toBeDefined();
  await lost.close();
  const target = await useServer({ port });
  const result = await importInto(target.ingestionUrl, {}, { files, checkpoint });
  expect(result.startedOver).toBe(true);
  expect(byId(target.records())).toEqual(byId(records));
});

test('a file that has changed since an interrupted import is imported from its beginning', async () => {
  const records = variedRecords(8_000);
  const path = await writeInput(jsonLines(...records));
  const checkpoint = `${path}.import-progress`;
  const target = await useServer();
  const stop = new AbortController();
  await importInto(
    target.ingestionUrl,
    {},
    {
      files: [await recogniseFile(await fileSource(path))],
      checkpoint,
      signal: stop.signal,
      onProgress: (sent) => sent >= 1_000 && stop.abort(),
    },
  );
  await writeFile(path, jsonLines(...records.toReversed()));
  await utimes(path, new Date(0), new Date(0));
  const files = [await recogniseFile(await fileSource(path))];
  const { report } = await importInto(target.ingestionUrl, {}, { files, checkpoint });
  expect([report.sentEarlier, report.taken]).toEqual([0, 8_000]);
});

test('of one id in several batches, the last record stays', async () => {
  const [template] = variedRecords(1);
  const versions = Array.from({ length: 3_000 }, (_, i) => ({
    ...template,
    id: `id-${i % 1_500}`,
    generation: i,
  }));
  const texts = versions.map((version) => ({ ...version, generation: `version ${version.generation}` }));
  const target = await useServer();
  await importInto(target.ingestionUrl, { 'a.jsonl': jsonLines(...texts) });
  expect(target.records()).toHaveLength(1_500);
  expect(byId(target.records())).toEqual(byId(texts as unknown as NewRecord[]));
});

test('an ingestion API without our route gets prompts and events, with the ids in the properties', async () => {
  const hosted = await useScriptedServer(({ path }) =>
    path === '/import_records' ? { status: 404, body: '{"detail":"Not Found"}' } : OK,
  );
  const records = variedRecords(250);
  const result = await importInto(hosted.url, { 'a.jsonl': jsonLines(...records) });
  expect([result.keepsRecords, result.report.taken]).toEqual([false, 250]);
  const sent = hosted.requests.slice(1);
  expect(Math.max(...sent.map(({ items }) => items.length))).toBeLessThanOrEqual(100);
  const server = await useServer();
  for (const { path, body } of sent) expect((await post(server, body, {}, path.slice(1))).status).toBe(200);
  const stored = new Map(server.records().map((record) => [record.id, record]));
  expect(stored.size).toBe(250);
  for (const record of records) {
    const {
      receivedAt: _receivedAt,
      origin: _origin,
      forwardedTo: _forwardedTo,
      properties,
      ...rest
    } = record;
    expect(stored.get(record.id)).toMatchObject({ ...rest, properties });
  }
});

test('what a server refuses is found among the records that it takes, named or not', async () => {
  const records = variedRecords(40).map((record, i) => ({
    ...record,
    ...(i % 10 === 3 && { userId: 'bad' }),
  }));
  const names = (request: { body: string }) =>
    (JSON.parse(request.body) as NewRecord[]).flatMap(({ userId }, at) => (userId === 'bad' ? [at] : []));
  for (const isNamed of [true, false]) {
    const server = await useScriptedServer((request) => {
      const bad = names(request);
      if (bad.length === 0) return { status: 200, body: '{}' };
      const detail = bad.map((at) => ({ loc: ['body', at, 'user_id'], msg: 'no', type: 'x' }));
      return { status: 422, body: JSON.stringify({ detail: isNamed ? detail : 'no' }) };
    });
    const { report } = await importInto(server.url, { 'a.jsonl': jsonLines(...records) });
    expect(report.taken).toBe(36);
    expect(report.named('refused').map(({ place }) => place.number)).toEqual([4, 14, 24, 34]);
  }
});

test('a record that is larger than the server accepts is named, and the others are taken', async () => {
  const [small, other, third] = variedRecords(3);
  const large = { ...small, id: 'large', properties: { text: 'x'.repeat(6 * 1024 * 1024) } };
  const target = await useServer();
  const { report } = await importInto(target.ingestionUrl, {
    'a.jsonl': jsonLines(small, large, other, third),
  });
  expect(report.taken).toBe(3);
  expect(report.named('refused')).toMatchObject([{ place: { number: 2 }, detail: 'larger than it accepts' }]);
});

test('a dry run reads everything and sends nothing', async () => {
  const { report } = await importInto(
    'http://127.0.0.1:9',
    {
      'a.jsonl': jsonLines(...variedRecords(3), 'text'),
    },
    { target: undefined },
  );
  expect([report.taken, report.skipped]).toEqual([3, [['not_recognised', 1]]]);
});

test('a checkpoint without a place to write is no error, and says that the import cannot go on', async () => {
  const target = await useServer();
  const files = await knownFiles({ 'a.jsonl': jsonLines(...variedRecords(3)) });
  const checkpoint = join(dirname(await writeInput('')), 'missing', 'c');
  const result = await importInto(target.ingestionUrl, {}, { files, checkpoint });
  expect([result.report.taken, result.canContinue]).toEqual([3, false]);
});
