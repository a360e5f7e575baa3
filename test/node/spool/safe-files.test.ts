import { execFileSync } from 'node:child_process';
import {
  chmod,
  chown,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import {
  checkDirectory,
  makeDirectories,
  openSafely,
  readNumber,
  writeNumber,
} from '../../../src/node/spool/safe-files.js';
import { useFolder } from '../../support/use-folder.js';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await useFolder();
  file = join(dir, 'file');
});

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

/** Opens and closes; returns the reason if that is refused. */
async function problemOf(use: 'read' | 'update' | 'replace' | 'append'): Promise<string> {
  try {
    await (await openSafely(file, use)).close();
    return 'none';
  } catch (error) {
    return (error as Error).message.replace(`${file} `, '');
  }
}
const USES = ['read', 'update', 'replace', 'append'] as const;
/** One after the other: a FIFO that is open for writing can be opened for reading. */
async function problems(): Promise<string[]> {
  const found: string[] = [];
  for (const use of USES) found.push(await problemOf(use));
  return found;
}

test('files are made for their owner alone, if they may be made, and are not emptied', async () => {
  expect(await problemOf('read')).toContain('ENOENT');
  expect(await problemOf('update')).toContain('ENOENT');
  expect(await problemOf('append')).toBe('none');
  expect(await modeOf(file)).toBe(0o600);
  await writeFile(file, 'content');
  expect(await problems()).toEqual(['none', 'none', 'none', 'none']);
  expect(await readFile(file, 'utf8')).toBe('content');
});

test('what is appended comes last, wherever it is said to go', async () => {
  await writeFile(file, 'one');
  for (const [use, at] of [
    ['append', 0],
    ['update', 0],
  ] as const) {
    const handle = await openSafely(file, use);
    await handle.write(Buffer.from('two'), 0, 3, at);
    await handle.close();
    expect(await readFile(file, 'utf8')).toBe(use === 'append' ? 'onetwo' : 'twotwo');
  }
});

test('a link is not followed, also one to a file of ours', async () => {
  await writeFile(join(dir, 'target'), 'secret');
  await symlink(join(dir, 'target'), file);
  expect(await problems()).toEqual(Array(4).fill('is a symbolic link, not a file'));
});

test('a hard link, a directory, a FIFO and a socket are refused at once', async () => {
  await mkdir(file);
  expect(await problems()).toEqual(Array(4).fill('is a directory, not a file'));
  await rename(file, join(dir, 'directory'));
  await writeFile(join(dir, 'target'), 'secret');
  await link(join(dir, 'target'), file);
  expect(await problems()).toEqual(Array(4).fill('is a hard link to a file with another name'));
  await rename(file, join(dir, 'link'));
  execFileSync('mkfifo', [file]);
  expect(await problems()).toEqual(Array(4).fill('is a FIFO, not a file'));
  await rename(file, join(dir, 'fifo'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(file, resolve));
  onTestFinished(() => void server.close());
  expect(await problems()).toEqual(Array(4).fill('is a socket, not a file'));
});

test('files and directories of another user are refused, those of root only where they are shared', async () => {
  await writeFile(file, '17');
  const own = process.geteuid?.() ?? 0;
  const other = own + 4_321;
  vi.spyOn(process, 'geteuid').mockReturnValue(other);
  onTestFinished(() => void vi.restoreAllMocks());
  const reason = `belongs to the user ${own}, not to ${other}`;
  expect(await problems()).toEqual(Array(4).fill(reason));
  await expect(checkDirectory(dir)).rejects.toThrow(reason);
  await expect(makeDirectories(join(dir, 'a'), join(dir, 'a', 'b'))).rejects.toThrow(
    own === 0 ? 'a/b belongs' : 'a belongs',
  );
  expect(await readNumber(file)).toBe(0);
  // Of a third user.
  if (own === 0) await chown(dir, 12_345, 12_345);
  await expect(checkDirectory(dir, true)).rejects.toThrow('belongs to the user');
});

test('a directory that everybody may write to is refused, unless it is shared and sticky', async () => {
  await chmod(dir, 0o777);
  await expect(checkDirectory(dir)).rejects.toThrow('can be written by every user');
  await expect(checkDirectory(dir, true)).rejects.toThrow('can be written by every user');
  await chmod(dir, 0o1777);
  await expect(checkDirectory(dir, true)).resolves.toBeUndefined();
  await expect(checkDirectory(dir)).rejects.toThrow('can be written by every user');
  await chmod(dir, 0o775);
  await expect(checkDirectory(dir)).resolves.toBeUndefined();
});

test('directories are made one below the other, for their owner alone, and all are checked', async () => {
  const [top, middle, bottom] = [
    join(dir, 'x', 'top'),
    join(dir, 'x', 'top', 'middle'),
    join(dir, 'x', 'top', 'middle', 'bottom'),
  ];
  await makeDirectories(top, middle, bottom);
  await makeDirectories(top, middle, bottom);
  expect(await Promise.all([top, middle, bottom].map(modeOf))).toEqual([0o700, 0o700, 0o700]);
  await expect(makeDirectories(top, join(top, 'missing', 'deep'))).rejects.toMatchObject({
    code: 'ENOENT',
    syscall: 'mkdir',
  });
  await symlink(middle, join(top, 'link'));
  await expect(makeDirectories(top, join(top, 'link'))).rejects.toThrow(
    'is a symbolic link, not a directory',
  );
  await writeFile(join(top, 'file'), '');
  await expect(makeDirectories(top, join(top, 'file'))).rejects.toThrow('is a file, not a directory');
});

test('a number is read as it was written, also a shorter one over a longer one', async () => {
  expect(await readNumber(file)).toBe(0);
  await writeNumber(file, 123_456);
  expect(await readNumber(file)).toBe(123_456);
  await writeNumber(file, 7);
  expect(await readNumber(file)).toBe(7);
  expect(await readFile(file, 'utf8')).toBe('7');
  for (const text of ['', '1x', 'x1', '-1', '1.5']) {
    await writeFile(file, text);
    expect([text, await readNumber(file)]).toEqual([text, 0]);
  }
});

test.runIf(process.platform === 'linux')('no file stays open', async () => {
  const openFiles = async (): Promise<string[]> => {
    const handles = await readdir('/proc/self/fd');
    const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return targets.filter((target) => target.startsWith(dir));
  };
  await writeNumber(file, 7);
  expect(await openFiles()).toEqual([]);
  expect(await readNumber(file)).toBe(7);
  expect(await openFiles()).toEqual([]);
  await link(file, join(dir, 'link'));
  expect(await problemOf('read')).toContain('hard link');
  expect(await openFiles()).toEqual([]);
});
