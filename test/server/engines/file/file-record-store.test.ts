import { appendFileSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openFileStore, type NewRecord } from '../../../../src/server/index.js';
import { erasedKeysOf } from '../../../../src/server/model/privacy/erasure-keys.js';
import { post, prompt } from '../../../support/server-requests.js';
import { getOne, idsOf, numbered } from '../stored.js';
import { useFolder } from '../../../support/use-folder.js';
import { useServer } from '../../../support/use-server.js';

/** The class of open files is not exported. */
async function fileHandlePrototype(path: string): Promise<FileHandle> {
  const handle = await open(path);
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

function record(id: string, text = 'p'): NewRecord {
  return { ...numbered(0), id, prompt: text };
}

test('a file keeps the records across restarts, and only its owner can read it', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const first = await openFileStore({ file });
  await first.put([record('a'), record('b', 'Größe 😀')]);
  await first.put([record('a', 'again')]);
  await first.close();
  const second = await openFileStore({ file });
  expect(await idsOf(second)).toEqual(['a', 'b']);
  expect(await getOne(second, 'a')).toMatchObject({ prompt: 'again', seq: 1 });
  expect(await getOne(second, 'b')).toMatchObject({ prompt: 'Größe 😀' });
  expect((await second.usage()).file).toBe('records.jsonl');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await second.close();
});

test('a torn last line is cut off, and a line that is no record is passed over', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const first = await openFileStore({ file });
  await first.put([record('a')]);
  await first.close();
  appendFileSync(file, 'nonsense\n{"kind":"prompt","id":1}\n{"kind":"prompt","id":"b","userId":"a');
  const second = await openFileStore({ file });
  await second.put([record('c')]);
  await second.close();
  const third = await openFileStore({ file });
  expect(await idsOf(third)).toEqual(['a', 'c']);
  await third.close();
});

test('every length of a torn file can be opened and written to', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const whole = await openFileStore({ file });
  await whole.put([record('a', 'ä'), record('b', '😀')]);
  await whole.close();
  const bytes = readFileSync(file);
  for (let length = 0; length <= bytes.length; length += 7) {
    writeFileSync(file, bytes.subarray(0, length));
    const torn = await openFileStore({ file });
    await torn.put([record('new')]);
    await torn.close();
    const again = await openFileStore({ file });
    expect((await idsOf(again)).at(-1)).toBe('new');
    await again.close();
  }
});

test('a large file is read with progress, of which the latest are kept', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const line = (i: number): string => `${JSON.stringify(record(String(i), 'x'.repeat(1000)))}\n`;
  writeFileSync(file, Array.from({ length: 5000 }, (_, i) => line(i)).join(''));
  const progress: number[] = [];
  const store = await openFileStore({
    file,
    maxRecords: 10,
    onLoadProgress: (share) => progress.push(share),
  });
  expect(await idsOf(store)).toEqual(Array.from({ length: 10 }, (_, i) => String(4990 + i)));
  expect(progress.length).toBeGreaterThan(3);
  expect(progress.at(-1)).toBe(1);
  await store.close();
});

test('many writers at once lose nothing, and clearing leaves no record in the file', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const server = await useServer({ file });
  await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      post(server, [
        prompt({ properties: { $event_id: `a${i}` } }),
        prompt({ properties: { $event_id: `b${i}` } }),
      ]),
    ),
  );
  expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(200);
  await fetch(`${server.url}/api/records`, { method: 'DELETE' });
  expect(readFileSync(file, 'utf8')).not.toContain('"prompt"');
  await post(server, [prompt()]);
  expect(readFileSync(file, 'utf8').match(/"kind":"prompt"/g)).toHaveLength(1);
});

test('a file that cannot be opened is an error with a code', async () => {
  const folder = await useFolder();
  await expect(openFileStore({ file: folder })).rejects.toMatchObject({ code: 'EISDIR' });
  await expect(openFileStore({ file: join(folder, 'no', 'such') })).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a removed record is gone, also after a restart, and holes do no harm', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const first = await openFileStore({ file });
  await first.put(['a', 'b', 'c', 'd'].map((id) => record(id)));
  expect((await first.remove({ ids: ['b', 'nobody', 'a'] })).ids).toEqual(['b', 'a']);
  await first.put([record('e'), record('c', 'again')]);
  expect(await idsOf(first)).toEqual(['c', 'd', 'e']);
  expect([await getOne(first, 'b'), (await first.usage()).records]).toEqual([undefined, 3]);
  await first.close();
  const second = await openFileStore({ file });
  expect(await idsOf(second)).toEqual(['c', 'd', 'e']);
  expect(await getOne(second, 'c')).toMatchObject({ prompt: 'again' });
  await second.close();
});

test('a superseded record is gone after a restart, and stays if the write of both fails', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const first = await openFileStore({ file });
  await first.put([record('a'), record('b')]);
  const write = vi.spyOn(await fileHandlePrototype(file), 'write');
  write.mockRejectedValueOnce(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
  await expect(first.put([record('c')], ['a'])).rejects.toThrow('no space');
  expect(await idsOf(first)).toEqual(['a', 'b']);
  await first.put([record('d')], ['b']);
  expect(write).toHaveBeenCalledTimes(2);
  write.mockRestore();
  await first.close();
  const second = await openFileStore({ file });
  expect(await idsOf(second)).toEqual(['a', 'd']);
  await second.close();
});

test('a file that has grown to several times what is kept is rewritten while it is used', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const store = await openFileStore({ file, maxRecords: 50 });
  const text = 'x'.repeat(20_000);
  let largest = 0;
  for (let i = 0; i < 1200; i += 4) {
    await Promise.all([0, 1, 2, 3].map((j) => store.put([record(String(i + j), text)])));
    largest = Math.max(largest, statSync(file).size);
  }
  await store.close();
  expect(largest).toBeLessThan(12 * 1024 * 1024);
  const again = await openFileStore({ file, maxRecords: 50 });
  expect(await idsOf(again)).toEqual(Array.from({ length: 50 }, (_, i) => String(1150 + i)));
  await again.close();
});

test('a file that had grown under an earlier version is rewritten at the start', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  writeFileSync(file, `${JSON.stringify(record('a', 'x'.repeat(10_000)))}\n`.repeat(1000));
  const store = await openFileStore({ file });
  expect(statSync(file).size).toBeLessThan(20_000);
  expect(await idsOf(store)).toEqual(['a']);
  await store.close();
});

test('a file has one user at a time; the lock of a dead one is taken over', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const store = await openFileStore({ file });
  await expect(openFileStore({ file })).rejects.toMatchObject({
    code: 'ELOCKED',
    message: expect.stringContaining(`in use by process ${process.pid}`),
  });
  await store.close();
  const dead = { pid: 2 ** 22 + 1, host: hostname() };
  for (const left of [
    JSON.stringify(dead),
    '',
    '{"pid":',
    JSON.stringify({ ...dead, pid: process.pid, startedAt: '1' }),
  ]) {
    writeFileSync(`${file}.lock`, left);
    await (await openFileStore({ file })).close();
  }
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: 1, host: 'another-machine' }));
  await expect(openFileStore({ file })).rejects.toThrow(/another-machine.*delete .*records\.jsonl\.lock/);
});

test('documents and what was erased are kept over restarts, also when the file is rewritten or emptied', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const first = await openFileStore({ file });
  const view = await first.documents.put({ kind: 'view', name: 'mine', value: { query: 'q' } });
  await first.documents.put({ kind: 'view', name: 'gone', value: 1 });
  await first.documents.delete('view', 'gone');
  const { records } = await first.put([record('a'), record('b')]);
  await first.erase({ ids: ['a'], keys: records.slice(0, 1).flatMap(erasedKeysOf) });
  await first.close();
  for (const isEmptied of [false, true]) {
    const again = await openFileStore({ file });
    expect(await again.documents.list('view')).toEqual([view]);
    await again.put([record('a'), record('b')]);
    expect(await idsOf(again)).toEqual(['b']);
    expect(await again.erased(['a', 'b'])).toEqual(new Set(['a']));
    if (isEmptied) await again.remove({});
    await again.close();
  }
  const last = await openFileStore({ file });
  expect(await last.documents.list('view')).toEqual([view]);
  await last.put([record('a'), record('c')]);
  expect(await idsOf(last)).toEqual(['c']);
  await last.close();
});

test('an erasure whose content could not leave the file is an error, and is made up for', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const server = await useServer({ file });
  const secret = 'the colour of my kitchen';
  for (const id of ['1', '2'])
    await post(server, [prompt({ prompt: `${secret} ${id}`, properties: { $event_id: id } })]);
  mkdirSync(`${file}.new`);
  const remove = async (path: string): Promise<unknown> => {
    const response = await fetch(`${server.url}/api/records${path}`, { method: 'DELETE' });
    return [response.status, ((await response.json()) as { detail?: string }).detail];
  };
  const failed = [500, expect.stringContaining('(EISDIR)')];
  expect([await remove('/1'), await remove('?user=ada'), await remove('/1')]).toEqual([
    failed,
    failed,
    failed,
  ]);
  expect(server.records()).toEqual([]);
  rmdirSync(`${file}.new`);
  expect(await remove('/1')).toEqual([404, 'Not Found']);
  expect(readFileSync(file, 'utf8')).not.toContain(secret);
});

test('a file in which an erasure was interrupted is rewritten when it is opened', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const first = await openFileStore({ file });
  await first.put([record('a', 'the colour of my kitchen'), record('b')]);
  await first.close();
  appendFileSync(file, `${JSON.stringify({ erased: { ids: ['a'], hashes: ['x'], at: 1 } })}\n`);
  const second = await openFileStore({ file });
  expect(readFileSync(file, 'utf8')).not.toContain('kitchen');
  expect(await idsOf(second)).toEqual(['b']);
  await second.close();
});

test('an erasure that was interrupted also ends for what waits of its traces', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const [erased, inner] = [`${'a'.repeat(32)}-1`, `${'a'.repeat(32)}-2`];
  const first = await openFileStore({ file });
  await first.put([record(erased), record('b')]);
  await first.pending?.put([{ id: inner, kind: 'log', key: 'k', value: 'the colour of my kitchen' }]);
  await first.close();
  appendFileSync(file, `${JSON.stringify({ erased: { ids: [erased], hashes: ['x'], at: 1 } })}\n`);
  const second = await openFileStore({ file });
  expect(await second.pending?.find([inner])).toEqual([]);
  expect(() => readFileSync(`${file}.pending`)).toThrow('ENOENT');
  await second.close();
});
