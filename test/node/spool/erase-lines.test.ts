import type { FileHandle } from 'node:fs/promises';
import { open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { eraseLines } from '../../../src/node/spool/erase-lines.js';
import { toLine } from '../../../src/node/spool/line.js';
import { useFolder } from '../../support/use-folder.js';

let path: string;
beforeEach(async () => {
  path = join(await useFolder(), 'prompt-00000001.jsonl');
});

const JSONS = ['{"p":"ä secret"}', '{"p":"kept"}', '{"p":"also\\nsecret"}', '{"p":"kept too"}'];
const lineOf = (json: string, index: number): string =>
  toLine({ json, bytes: Buffer.byteLength(json), sequence: index + 10, acceptedAtMs: 1_700_000_000_000 });
const LINES = JSONS.map(lineOf);

/** Counts the syncs of all files from now on: file handles share a prototype. */
async function spyOnSyncs() {
  const file = await open(path, 'r');
  const datasync = vi.spyOn(Object.getPrototypeOf(file) as FileHandle, 'datasync');
  await file.close();
  onTestFinished(() => datasync.mockRestore());
  return datasync;
}

test('erased lines keep their length and place, and nothing of their content', async () => {
  await writeFile(path, LINES.join(''));
  const { size } = await stat(path);
  const datasync = await spyOnSyncs();
  expect(await eraseLines(path, new Set([10, 12, 99]))).toEqual([
    { index: 0, sequence: 10 },
    { index: 2, sequence: 12 },
  ]);
  expect(datasync).toHaveBeenCalledOnce();
  const text = await readFile(path, 'utf8');
  expect((await stat(path)).size).toBe(size);
  expect(text).not.toContain('secret');
  const lines = text.split('\n');
  expect(lines).toHaveLength(LINES.length + 1);
  expect([lines[1], lines[3]].map((line) => `${line}\n`)).toEqual([LINES[1], LINES[3]]);
  expect(lines.map((line) => Buffer.byteLength(line))).toEqual(
    [...LINES, ''].map((line) => Buffer.byteLength(line.trimEnd())),
  );
});

test('a file without one of the entries stays as it is, and is not synced', async () => {
  await writeFile(path, LINES.join(''));
  const datasync = await spyOnSyncs();
  expect(await eraseLines(path, new Set([99]))).toEqual([]);
  expect(await readFile(path, 'utf8')).toBe(LINES.join(''));
  expect(datasync).not.toHaveBeenCalled();
});

test('a file is closed, also if it cannot be read', async () => {
  await writeFile(path, LINES.join(''));
  const file = await open(path, 'r');
  const files = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
  const before = await openFiles();
  await eraseLines(path, new Set([10]));
  vi.spyOn(files, 'readFile').mockRejectedValueOnce(new Error('no'));
  onTestFinished(() => void vi.restoreAllMocks());
  await expect(eraseLines(path, new Set([10]))).rejects.toThrow('no');
  expect(await openFiles()).toBe(before);
});

test('a damaged line is counted, and one that was not written to its end is not touched', async () => {
  const content = `damaged\n${LINES.join('')}`.trimEnd();
  await writeFile(path, content);
  expect(await eraseLines(path, new Set([10, 13]))).toEqual([{ index: 1, sequence: 10 }]);
  expect(await readFile(path, 'utf8')).toContain('kept too');
});

test('lines behind a link are not erased', async () => {
  const link = `${path}.link`;
  await writeFile(path, LINES.join(''));
  await symlink(path, link);
  await expect(eraseLines(link, new Set([10]))).rejects.toThrow('symbolic link');
  expect(await readFile(path, 'utf8')).toBe(LINES.join(''));
});
