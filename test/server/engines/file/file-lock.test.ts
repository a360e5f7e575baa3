import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { FileLockedError, lockFile } from '../../../../src/server/engines/file/file-lock.js';
import { useFolder } from '../../../support/use-folder.js';

let file: string;
let lock: string;
beforeEach(async () => {
  file = join(await useFolder(), 'records.jsonl');
  lock = `${file}.lock`;
});

const write = (holder: unknown): Promise<void> => writeFile(lock, JSON.stringify(holder));
const ended = (): number => spawnSync(process.execPath, ['--version']).pid;

test('a lock names its process, is readable by its owner alone, and is gone when it is released', async () => {
  const release = await lockFile(file);
  expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  expect((await stat(lock)).mode & 0o777).toBe(0o600);
  await expect(lockFile(file)).rejects.toThrow(
    `${file} is in use by process ${process.pid}. If that is not so, delete ${lock}`,
  );
  await expect(lockFile(file)).rejects.toBeInstanceOf(FileLockedError);
  await release();
  await release();
  expect(await readdir(join(file, '..'))).toEqual([]);
  await (
    await lockFile(file)
  )();
});

test('the lock of a process that has ended, or that was never completely written, is taken over', async () => {
  for (const text of [
    JSON.stringify({ pid: ended(), host: hostname() }),
    '',
    '{"pid":',
    '17',
    'null',
    JSON.stringify({ pid: '1', host: hostname() }),
  ]) {
    await writeFile(lock, text);
    const release = await lockFile(file);
    expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: process.pid });
    await release();
  }
});

test('a process of another machine may run', async () => {
  await write({ pid: ended(), host: 'elsewhere' });
  await expect(lockFile(file)).rejects.toThrow(/is in use by process \d+ on elsewhere/);
});

test('a process whose start is not known runs if it can be asked, or may not be', async () => {
  await write({ pid: process.pid, host: hostname() });
  await expect(lockFile(file)).rejects.toThrow('is in use');
  const kill = vi.spyOn(process, 'kill');
  onTestFinished(() => kill.mockRestore());
  kill.mockImplementation(() => {
    throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
  });
  await expect(lockFile(file)).rejects.toThrow('is in use');
  expect(kill).toHaveBeenCalledWith(process.pid, 0);
});

test.runIf(process.platform === 'linux')(
  'a later process with the pid of the holder is not the holder',
  async () => {
    await (
      await lockFile(file)
    )();
    const release = await lockFile(file);
    const holder = JSON.parse(await readFile(lock, 'utf8')) as { startedAt: string };
    await release();
    expect(holder.startedAt).toMatch(/^\d+$/);
    await write({ ...holder, startedAt: String(Number(holder.startedAt) - 1) });
    await (
      await lockFile(file)
    )();
    await write(holder);
    await expect(lockFile(file)).rejects.toThrow('is in use');
  },
);

test('a lock that can neither be read nor removed is an error that names it', async () => {
  await mkdir(lock);
  await expect(lockFile(file)).rejects.toThrow(`${file} is in use. If that is not so, delete ${lock}`);
});

test('a folder that is missing is an error of the file system', async () => {
  await expect(lockFile(join(file, 'missing', 'x'))).rejects.toThrow('ENOENT');
});
