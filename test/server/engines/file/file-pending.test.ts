import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { FilePending } from '../../../../src/server/engines/file/file-pending.js';
import type { PendingPart } from '../../../../src/server/engines/pending-parts.js';
import { useFolder } from '../../../support/use-folder.js';

const HOUR = 60 * 60_000;
let path = '';

beforeEach(async () => {
  path = join(await useFolder(), 'records.jsonl.pending');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
});

const part = (
  id: string,
  key = 'k',
  kind: PendingPart['kind'] = 'log',
  value = `${id} ${key}`,
): PendingPart => ({
  id,
  kind,
  key,
  value,
});
const text = (): Promise<string> => readFile(path, 'utf8').catch(() => 'no file');

test('what waits is found after a restart, each part once', async () => {
  const before = await FilePending.open(path);
  expect(await text()).toBe('no file');
  await before.put([part('a'), part('a', 'k', 'span'), part('b')]);
  await before.put([part('a'), part('a', 'l')]);
  const found = [part('a'), part('a', 'k', 'span'), part('a', 'l')];
  expect(await before.find(['a', 'none'])).toEqual(found);
  await before.close();
  const after = await FilePending.open(path);
  expect(await after.find(['a'])).toEqual(found);
  expect(await after.find(['b', 'a'])).toHaveLength(4);
});

test('of a torn line and of lines that are no parts, the others are kept', async () => {
  const before = await FilePending.open(path);
  await before.put([part('a')]);
  await appendFile(path, '\n{"id":"torn","ki');
  await before.put([part('b')]);
  const no = [
    {},
    { ...part('c'), at: 'now' },
    { ...part('c'), kind: 'other', at: 1 },
    { ...part('c'), value: 1, at: 1 },
  ];
  await appendFile(path, no.map((line) => `\n${JSON.stringify(line)}`).join(''));
  const after = await FilePending.open(path);
  expect(await after.find(['a', 'b', 'c'])).toEqual([part('a'), part('b')]);
  expect(await text()).not.toContain('torn');
});

test('a part is forgotten after a day, and has left the file an hour later, also over a restart', async () => {
  const pending = await FilePending.open(path);
  await pending.put([part('old')]);
  vi.setSystemTime(Date.now() + 2 * HOUR);
  await pending.put([part('young')]);
  vi.setSystemTime(Date.now() + 22 * HOUR - 1);
  expect(await pending.find(['old'])).toHaveLength(1);
  vi.setSystemTime(Date.now() + 1);
  expect(await pending.find(['old', 'young'])).toEqual([part('young')]);
  expect(await text()).toContain('old');
  await vi.advanceTimersByTimeAsync(HOUR);
  await pending.close();
  expect(await text()).not.toContain('old');
  expect(await text()).toContain('young');
  const anew = await FilePending.open(path);
  await vi.advanceTimersByTimeAsync(2 * HOUR);
  await anew.put([part('last')]);
  expect(await text()).not.toContain('young');
  await vi.advanceTimersByTimeAsync(26 * HOUR);
  await anew.close();
  expect(await text()).toBe('no file');
});

test('a file without parts that are too old is not written again', async () => {
  const pending = await FilePending.open(path);
  await pending.put([part('a'), part('b')]);
  await pending.forget(['b']);
  const { ino } = await stat(path);
  await vi.advanceTimersByTimeAsync(HOUR);
  await pending.close();
  expect((await stat(path)).ino).toBe(ino);
});

test('log records count as waiting for an hour, spans never', async () => {
  const pending = await FilePending.open(path);
  await pending.put([part('a', 'k', 'span')]);
  expect(await pending.hasLogs()).toBe(false);
  await pending.put([part('a')]);
  expect(await pending.hasLogs()).toBe(true);
  vi.setSystemTime(Date.now() + HOUR);
  expect(await pending.hasLogs()).toBe(false);
});

test('erased parts leave the file at once, and with the last one the file goes', async () => {
  const pending = await FilePending.open(path);
  await pending.put([part('a'), part('a', 'l'), part('b')]);
  await pending.forget(['a', 'none']);
  expect([await pending.find(['a', 'b']), await text()]).toEqual([
    [part('b')],
    expect.not.stringContaining('"a"'),
  ]);
  await pending.put([part('a')]);
  expect(await pending.find(['a'])).toEqual([part('a')]);
  await pending.forget();
  expect([await pending.find(['a', 'b']), await text()]).toEqual([[], 'no file']);
});

test('above sixteen million characters, the oldest parts are forgotten', async () => {
  const pending = await FilePending.open(path);
  const long = 'x'.repeat(8 * 1024 * 1024 - 1);
  await pending.put([part('a', 'k', 'log', long), part('b', 'k', 'log', long), part('c', 'k', 'log', 'xx')]);
  expect((await pending.find(['a', 'b', 'c'])).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  await pending.put([part('d', 'k', 'log', 'x')]);
  expect((await pending.find(['a', 'b', 'c', 'd'])).map(({ id }) => id)).toEqual(['b', 'c', 'd']);
});

test('a part whose write failed is not known, and the next one is written', async () => {
  const pending = await FilePending.open(join(path, 'no-folder'));
  await expect(pending.put([part('a')])).rejects.toThrow(/ENOENT|ENOTDIR/);
  expect(await pending.find(['a'])).toEqual([]);
  await expect(pending.put([part('a')])).rejects.toThrow(/ENOENT|ENOTDIR/);
});

test('a file that cannot be read is an error', async () => {
  await writeFile(path, '');
  await expect(FilePending.open(join(path, 'below'))).rejects.toThrow('ENOTDIR');
});
