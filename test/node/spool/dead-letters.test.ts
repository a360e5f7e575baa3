import { mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { DeadLetters } from '../../../src/node/spool/dead-letters.js';
import { useDiag } from '../../support/use-diag.js';
import { useFolder } from '../../support/use-folder.js';

let path: string;
beforeEach(async () => {
  path = join(await useFolder(), 'shop', 'dead-letter.jsonl');
});

const add = (letters: DeadLetters, json: string): void => letters.add('prompt', json, 'invalid', 'HTTP 422');
const linesOf = async (file: string) =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly e: string });

test('a dead letter is a line with reason and error, which its owner alone can read', async () => {
  const letters = new DeadLetters(path);
  add(letters, '{"a":"\n"}');
  await letters.written();
  expect(await linesOf(path)).toEqual([
    { v: 1, at: expect.any(String), kind: 'prompt', reason: 'invalid', error: 'HTTP 422', e: '{"a":"\n"}' },
  ]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('letters that come while others are written are written after them, each once', async () => {
  const letters = new DeadLetters(path);
  add(letters, '1');
  add(letters, '2');
  await Promise.resolve();
  await Promise.resolve();
  add(letters, '3');
  await letters.written();
  expect(await linesOf(path)).toHaveLength(3);
  add(letters, '4');
  await letters.written();
  expect((await linesOf(path)).map(({ e }) => e)).toEqual(['1', '2', '3', '4']);
});

test('a thousand letters wait for the disk, and further ones are not kept', async () => {
  const letters = new DeadLetters(path);
  for (let index = 0; index < 1_005; index += 1) add(letters, String(index));
  await letters.written();
  expect(await linesOf(path)).toHaveLength(1_000);
});

test('at a megabyte the file becomes the previous one', async () => {
  const letters = new DeadLetters(path);
  const write = async (json: string): Promise<void> => {
    add(letters, json);
    await letters.written();
  };
  await write('first');
  const { size } = await stat(path);
  // The next line has one letter more than the first: exactly a megabyte, and one byte more.
  await truncate(path, 1_000_000 - size - 1);
  await write('second');
  expect(await readdir(join(path, '..'))).toEqual(['dead-letter.jsonl']);
  expect((await stat(path)).size).toBe(1_000_000);
  await write('third');
  expect((await linesOf(path)).map(({ e }) => e)).toEqual(['third']);
  expect((await stat(`${path}.1`)).size).toBe(1_000_000);
});

test('the size of a letter counts in bytes, and a large one does not move an empty file away', async () => {
  const letters = new DeadLetters(path);
  add(letters, 'é'.repeat(600_000));
  await letters.written();
  expect(await readdir(join(path, '..'))).toEqual(['dead-letter.jsonl']);
  await truncate(path, 0);
  add(letters, 'x');
  await letters.written();
  await truncate(path, 500_000);
  add(letters, 'é'.repeat(300_000));
  await letters.written();
  expect(await readdir(join(path, '..'))).toEqual(['dead-letter.jsonl', 'dead-letter.jsonl.1']);
});

test('letters that cannot be written harm nobody', async () => {
  const file = join(path, '..', '..', 'file');
  await writeFile(file, '');
  const letters = new DeadLetters(join(file, 'below', 'dead-letter.jsonl'));
  add(letters, '1');
  await expect(letters.written()).resolves.toBeUndefined();
});

test('in a small spool letters that come together are spread over files of at most its size', async () => {
  const letters = new DeadLetters(path, 1_000);
  for (let index = 0; index < 12; index += 1) add(letters, String(index).padEnd(50, 'é'));
  await letters.written();
  const previous = await linesOf(`${path}.1`);
  const kept = [...previous, ...(await linesOf(path))].map(({ e }) => Number.parseInt(e, 10));
  // The latest ones, without a gap.
  expect(kept).toEqual(Array.from(kept, (_, index) => 12 - kept.length + index));
  expect(previous.length).toBeGreaterThan(2);
  for (const file of [path, `${path}.1`]) expect((await stat(file)).size).toBeLessThanOrEqual(1_000);
});

test('in a small spool a letter that is larger than its files is not kept, and the others stay', async () => {
  const letters = new DeadLetters(path, 1_000);
  for (const json of ['1', 'é'.repeat(500), '2']) {
    add(letters, json);
    await letters.written();
  }
  expect((await linesOf(path)).map(({ e }) => e)).toEqual(['1', '2']);
});

test('a file is not larger than a megabyte, however large the spool is', async () => {
  const letters = new DeadLetters(path, 50_000_000);
  for (const json of ['1', '2']) {
    add(letters, json);
    await letters.written();
    await truncate(path, 1_000_000);
  }
  expect(await readdir(join(path, '..'))).toEqual(['dead-letter.jsonl', 'dead-letter.jsonl.1']);
});

test('letters are not written through a link, and that is said', async () => {
  const lines = useDiag();
  const elsewhere = join(path, '..', '..', 'elsewhere');
  await writeFile(elsewhere, '');
  await mkdir(join(path, '..'), { mode: 0o700 });
  await symlink(elsewhere, path);
  const letters = new DeadLetters(path);
  add(letters, '1');
  await letters.written();
  expect(await readFile(elsewhere, 'utf8')).toBe('');
  expect(lines.filter(({ text }) => text.includes('symbolic link'))).toHaveLength(1);
});

test('a file is closed after each write', async () => {
  const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
  const letters = new DeadLetters(path);
  const before = await openFiles();
  for (const json of ['1', '2', '3']) {
    add(letters, json);
    await letters.written();
  }
  expect(await openFiles()).toBe(before);
});
