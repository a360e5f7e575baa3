import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { Checkpoint, type ImportIdentity } from '../../../src/transfer/sending/checkpoint.js';
import { useFolder } from '../../support/use-folder.js';

afterEach(() => vi.useRealTimers());

const IDENTITY: ImportIdentity = {
  target: 'http://127.0.0.1:1/api/ingestion',
  files: [{ name: 'a.jsonl', size: 10, changedMs: 20 }],
};

test('a checkpoint is read again by the same import, and by no other', async () => {
  const path = join(await useFolder(), 'progress');
  await new Checkpoint(path, IDENTITY).write(7, true);
  expect(await new Checkpoint(path, IDENTITY).read()).toBe(7);
  for (const other of [
    { ...IDENTITY, target: 'http://127.0.0.1:2/api/ingestion' },
    { ...IDENTITY, files: [{ name: 'a.jsonl', size: 11, changedMs: 20 }] },
    { ...IDENTITY, files: [{ name: 'a.jsonl', size: 10, changedMs: 21 }] },
    { ...IDENTITY, files: [{ name: 'b.jsonl', size: 10, changedMs: 20 }] },
  ])
    expect(await new Checkpoint(path, other).read()).toBe(0);
});

test('a checkpoint is written once a second, the last one always, and whole', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  const folder = await useFolder();
  const checkpoint = new Checkpoint(join(folder, 'progress'), IDENTITY);
  const read = () => new Checkpoint(join(folder, 'progress'), IDENTITY).read();
  expect(await checkpoint.write(1)).toBe(true);
  expect(await checkpoint.write(2)).toBe(true);
  expect(await read()).toBe(1);
  vi.setSystemTime(1_001_000);
  await checkpoint.write(3);
  expect(await read()).toBe(3);
  await checkpoint.write(4, true);
  expect(await read()).toBe(4);
  expect(await readdir(folder)).toEqual(['progress']);
});

test('a missing, a foreign and a damaged file mean that nothing was sent', async () => {
  const path = join(await useFolder(), 'progress');
  const checkpoint = new Checkpoint(path, IDENTITY);
  expect(await checkpoint.read()).toBe(0);
  for (const text of ['', '{"key":', '{"key":1,"sent":5}', '[]']) {
    await writeFile(path, text);
    expect(await checkpoint.read()).toBe(0);
  }
});

test('a checkpoint is removed, also if there is none, and one that cannot be written is given up', async () => {
  const path = join(await useFolder(), 'progress');
  const checkpoint = new Checkpoint(path, IDENTITY);
  await checkpoint.write(1, true);
  await checkpoint.remove();
  await checkpoint.remove();
  await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  const nowhere = new Checkpoint(join(path, 'missing', 'progress'), IDENTITY);
  expect(await nowhere.write(1)).toBe(false);
  await mkdir(join(path, 'missing'), { recursive: true });
  expect(await nowhere.write(2, true)).toBe(false);
  expect(await nowhere.read()).toBe(0);
});
