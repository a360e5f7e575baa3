import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
  await appendFile(path, `\n${JSON.stringify({ ...part('b'), at: Date.now() })}`);
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
  await pending.erase(['b']);
  const { ino } = await stat(path);
  await pending.erase(['none']);
  await pending.put(['c', 'd', 'e', 'f'].map((id) => part(id)));
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
  await pending.erase(['a', 'none']);
  expect([await pending.find(['a', 'b']), await text()]).toEqual([
    [part('b')],
    expect.not.stringContaining('"a"'),
  ]);
  await pending.put([part('a')]);
  expect(await pending.find(['a'])).toEqual([part('a')]);
  await pending.clear();
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

const TRACE = 'a'.repeat(32);

test('with an erased record, all parts of its trace are deleted, because spans hold texts of those above them', async () => {
  const pending = await FilePending.open(path);
  await pending.put([part(`${TRACE}-1`), part(`${TRACE}-2`), part(`${'b'.repeat(32)}-1`), part('by hand')]);
  await pending.erase([`${TRACE}-3`, 'other', '-']);
  expect((await pending.find([`${TRACE}-1`, `${TRACE}-2`])).length).toBe(0);
  expect(await text()).not.toContain(TRACE);
  expect(await pending.find([`${'b'.repeat(32)}-1`, 'by hand'])).toHaveLength(2);
  // A part that is too old leaves the others of its record to be found by the trace.
  await pending.put([part(`${TRACE}-1`)]);
  vi.setSystemTime(Date.now() + HOUR);
  await pending.put([part(`${TRACE}-1`, 'l')]);
  vi.setSystemTime(Date.now() + 23 * HOUR);
  expect(await pending.find([`${TRACE}-1`])).toHaveLength(1);
  await pending.erase([`${TRACE}-2`]);
  expect(await pending.find([`${TRACE}-1`])).toEqual([]);
});

test('parts that are forgotten leave the file within a minute, and do not come back after a crash before', async () => {
  const pending = await FilePending.open(path);
  await pending.put([part('a'), part('a', 'l'), part('b')]);
  // Turns, not calls, decide: the part that is put last is kept.
  await Promise.all([
    pending.put([part('c')]),
    pending.forget([part('a'), part('c'), part('none')]),
    pending.put([part('a', 'n')]),
  ]);
  expect(await pending.find(['a', 'b', 'c'])).toEqual([part('a', 'l'), part('a', 'n'), part('b')]);
  const atCrash = await text();
  await writeFile(`${path}.crashed`, atCrash);
  expect(await (await FilePending.open(`${path}.crashed`)).find(['a', 'b', 'c'])).toEqual([
    part('a', 'l'),
    part('a', 'n'),
    part('b'),
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  await pending.put([part('d')]);
  expect(await text()).not.toMatch(/"a k"|forgotten/);
  await pending.forget([part('none')]);
  expect(await text()).not.toContain('forgotten');
  await pending.forget([part('d')]);
  await pending.close();
  expect(await text()).not.toContain('"d d"');
});

/** Makes rewrites fail, until it is disposed of. */
async function failRewrites(): Promise<() => Promise<void>> {
  await mkdir(`${path}.new`);
  return () => rm(`${path}.new`, { recursive: true });
}

/** Lets the rewrite of an erasure fail. */
async function failErasure(pending: FilePending): Promise<() => Promise<void>> {
  await pending.put([part('a', 'k', 'log', 'secret'), part('b')]);
  const allow = await failRewrites();
  await expect(pending.erase(['a'])).rejects.toThrow('EISDIR');
  expect([await pending.find(['a']), await text()]).toEqual([[], expect.stringContaining('secret')]);
  return allow;
}

test('an erasure whose rewrite fails is told, and ended by its repetition', async () => {
  const pending = await FilePending.open(path);
  const allow = await failErasure(pending);
  await expect(pending.erase([])).rejects.toThrow('EISDIR');
  await allow();
  await pending.erase([]);
  expect(await text()).not.toContain('secret');
});

test('an erasure whose rewrite fails is ended within a minute after rewrites work again', async () => {
  const pending = await FilePending.open(path);
  const allow = await failErasure(pending);
  await vi.advanceTimersByTimeAsync(60_000);
  await pending.put([part('b')]);
  await allow();
  await vi.advanceTimersByTimeAsync(60_000);
  await pending.put([part('b')]);
  expect(await text()).not.toContain('secret');
});

test('a rewrite of old parts that fails is repeated an hour later, also if nothing waits any more', async () => {
  const pending = await FilePending.open(path);
  await pending.put([part('old')]);
  await vi.advanceTimersByTimeAsync(HOUR);
  vi.setSystemTime(Date.now() + 24 * HOUR);
  await pending.put([part('young')]);
  const allow = await failRewrites();
  await vi.advanceTimersByTimeAsync(HOUR);
  await pending.put([part('young')]);
  expect(await text()).toContain('old');
  await allow();
  await vi.advanceTimersByTimeAsync(HOUR);
  await pending.put([part('young')]);
  expect(await text()).not.toContain('old');
});

test('what a crash has left of a rewrite is deleted at the start, also if nothing waits', async () => {
  await writeFile(`${path}.new`, 'secret');
  await FilePending.open(path);
  await expect(stat(`${path}.new`)).rejects.toThrow('ENOENT');
});

test('the file is rewritten once it is twice as long as its parts may be, and no part is refused if that fails', async () => {
  const pending = await FilePending.open(path);
  const long = 'x'.repeat(8 * 1024 * 1024);
  const put = async (...ids: readonly string[]): Promise<number> => {
    for (const id of ids) await pending.put([part(id, 'k', 'log', long)]);
    return Math.floor((await stat(path)).size / long.length);
  };
  expect(await put('a', 'b', 'c')).toBe(3);
  const allow = await failRewrites();
  expect(await put('d')).toBe(4);
  await allow();
  // After a failure, it doubles first.
  expect(await put('e', 'f', 'g', 'h')).toBe(8);
  expect([await put('i'), await put('j')]).toEqual([2, 3]);
  expect(await pending.find(['i', 'j'])).toHaveLength(2);
  await pending.close();
});

test('lines are read whole, however they lie in the file, with separators that JSON allows', async () => {
  const before = await FilePending.open(path);
  const parts = ['\u2028\u2029\r', 'ä'.repeat(1024 * 1024 - 7), 'x'.repeat(3 * 1024 * 1024)].map(
    (value, at) => part(`p${at}`, 'k', 'log', value),
  );
  await before.put(parts);
  const after = await FilePending.open(path);
  expect(await after.find(['p0', 'p1', 'p2'])).toEqual(parts);
});

test('when all is deleted, parts that are being put are deleted as well', async () => {
  const pending = await FilePending.open(path);
  await Promise.all([pending.put([part('a')]), pending.clear()]);
  expect(await pending.find(['a'])).toEqual([]);
  expect(await text()).toBe('no file');
});
