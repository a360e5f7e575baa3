import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SpoolItem } from '../../../src/delivery/model/spool.js';
import { erasureOf, toLine } from '../../../src/node/spool/line.js';
import { ReadAhead } from '../../../src/node/spool/read-ahead.js';
import { useFolder } from '../../support/use-folder.js';

const item = (sequence: number, text = 'x'): SpoolItem => {
  const json = JSON.stringify(text);
  return { json, bytes: Buffer.byteLength(json), sequence, acceptedAtMs: 1 };
};
const items = (count: number): SpoolItem[] => Array.from({ length: count }, (_, index) => item(index));
const lineBytes = (of: SpoolItem): number => Buffer.byteLength(toLine(of));
const numbers = (of: readonly (SpoolItem | undefined)[]) => of.map((taken) => taken?.sequence);

/** A reader of a file with these lines. */
async function readAhead(...lines: (SpoolItem | string)[]): Promise<ReadAhead> {
  const path = join(await useFolder(), 'prompt-00000001.jsonl');
  await writeFile(path, lines.map((line) => (typeof line === 'string' ? line : toLine(line))).join(''));
  return new ReadAhead(path);
}

test('lines are read in order, and taken up to a number and a size', async () => {
  const ahead = await readAhead(...items(5));
  expect(await ahead.fill(10)).toBe(0);
  expect([ahead.count, ahead.bytes]).toEqual([5, 15]);
  expect(numbers(ahead.take(2, 100))).toEqual([0, 1]);
  expect(numbers(ahead.take(10, 6))).toEqual([2, 3]);
  expect([ahead.count, ahead.bytes]).toEqual([1, 3]);
  expect(numbers(ahead.take(10, 1))).toEqual([4]);
  expect(ahead.take(10, 10)).toEqual([]);
});

test('reading goes on behind what was taken', async () => {
  const ahead = await readAhead(...items(5));
  await ahead.fill(2);
  expect(ahead.count).toBe(2);
  ahead.take(2, 100);
  await ahead.fill(10);
  expect(numbers(ahead.take(10, 100))).toEqual([2, 3, 4]);
});

test('lines that were kept when they were written need not be read back', async () => {
  const all = items(3);
  const ahead = await readAhead(...all);
  for (const kept of all.slice(0, 2)) ahead.push(kept, lineBytes(kept));
  expect([ahead.count, ahead.bytes]).toEqual([2, 6]);
  expect(numbers(ahead.take(10, 100))).toEqual([0, 1]);
  await ahead.fill(10);
  expect(numbers(ahead.take(10, 100))).toEqual([2]);
});

test('reading begins at a position, and nothing is left after a clear', async () => {
  const all = items(3);
  const ahead = await readAhead(...all);
  ahead.skipTo(lineBytes(item(0)));
  await ahead.fill(1);
  expect(numbers(ahead.take(1, 100))).toEqual([1]);
  await ahead.fill(1);
  ahead.clear();
  expect([ahead.count, ahead.bytes]).toEqual([0, 0]);
  expect(ahead.take(10, 100)).toEqual([]);
});

test('damaged lines before a good one are skipped and counted', async () => {
  const ahead = await readAhead('damaged\n', '\n', item(2));
  expect(await ahead.fill(10)).toBe(2);
  expect(numbers(ahead.take(10, 100))).toEqual([2]);
});

test('damaged lines behind a good one are counted by the next read', async () => {
  const ahead = await readAhead(item(0), 'damaged\n', item(2));
  expect(await ahead.fill(10)).toBe(0);
  expect(numbers(ahead.take(10, 100))).toEqual([0]);
  expect(await ahead.fill(10)).toBe(1);
  expect(numbers(ahead.take(10, 100))).toEqual([2]);
});

test('a line of several megabytes is read whole', async () => {
  const large = item(0, 'é'.repeat(1_700_000));
  const ahead = await readAhead(large, item(1));
  await ahead.fill(10);
  expect(ahead.take(1, 1)).toEqual([large]);
  await ahead.fill(10);
  expect(numbers(ahead.take(1, 1))).toEqual([1]);
});

test('a file that is shorter than it was, or gone, is an error, and a torn line is no line', async () => {
  const ahead = await readAhead(item(0), '{"v":1');
  await ahead.fill(10);
  ahead.take(1, 100);
  await expect(ahead.fill(10)).rejects.toThrow('shorter');
  await expect(new ReadAhead('/no/such/file').fill(1)).rejects.toThrow('ENOENT');
});

test('no file stays open', async () => {
  const ahead = await readAhead(...items(3));
  const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
  const before = await openFiles();
  for (let read = 0; read < 10; read += 1) {
    await ahead.fill(1);
    ahead.clear();
  }
  expect(await openFiles()).toBeLessThan(before + 5);
});

test('reading goes on behind damaged lines and the good ones after them', async () => {
  const ahead = await readAhead('damaged\n', item(1), item(2));
  await ahead.fill(2);
  expect(numbers(ahead.take(10, 100))).toEqual([1]);
  expect(await ahead.fill(10)).toBe(0);
  expect(numbers(ahead.take(10, 100))).toEqual([2]);
});

test('an entry that was erased is a line without an entry', async () => {
  const line = toLine(item(1));
  const erasure = erasureOf(line.trimEnd());
  const erased = Buffer.from(line);
  erasure?.bytes.copy(erased, erasure.at);
  const ahead = await readAhead(item(0), erased.toString(), item(2));
  expect(await ahead.fill(10)).toBe(0);
  expect([ahead.count, ahead.bytes]).toEqual([3, 6]);
  expect(ahead.take(10, 100)).toEqual([item(0), undefined, item(2)]);
});
