import { open, readdir, readFile, readlink, stat, truncate, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { RecordFile, rewritePathOf } from '../../../../src/server/engines/file/record-file.js';
import { useFolder } from '../../../support/use-folder.js';

let path: string;
let handle: FileHandle;
let file: RecordFile;
beforeEach(async () => {
  path = join(await useFolder(), 'records.jsonl');
  handle = await open(path, 'w+');
  file = new RecordFile(path, handle, 0, 0);
  onTestFinished(() => file.close().catch(() => undefined));
});

const text = (): Promise<string> => readFile(path, 'utf8');

/** Lets writes of a handle wait until the test goes on. */
function holdWrites(of: FileHandle) {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const write = of.write.bind(of) as (...args: unknown[]) => Promise<unknown>;
  const spy = vi.spyOn(of, 'write') as unknown as {
    mockImplementation: (fn: unknown) => void;
    mock: { calls: unknown[] };
  };
  spy.mockImplementation(async (...args: unknown[]) => {
    await held;
    return write(...args);
  });
  return { release, spy };
}

/** Fails the next write after so many bytes. */
function failWrite(of: FileHandle, afterBytes: number): void {
  const write = of.write.bind(of) as (...args: unknown[]) => Promise<{ bytesWritten: number }>;
  const spy = vi.spyOn(of, 'write') as unknown as { mockImplementationOnce: (fn: unknown) => void };
  spy.mockImplementationOnce(async (bytes: Buffer, at: number, _length: number, position: number) => {
    await write(bytes, at, afterBytes, position);
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  });
}

test('appended lines are in the file in their order, and counted', async () => {
  await Promise.all([file.append(['one\n']), file.append(['two\n', 'ünï\n'])]);
  await file.append(['four\n']);
  expect(await text()).toBe('one\ntwo\nünï\nfour\n');
  expect([file.bytes, file.lineCount, file.name]).toEqual([19, 4, 'records.jsonl']);
});

test('appends that wait for the same write share it', async () => {
  const { release, spy } = holdWrites(handle);
  const writes = [file.append(['a\n'])];
  // In progress from now on.

  await new Promise((resolve) => setImmediate(resolve));
  for (let index = 0; index < 10; index += 1) writes.push(file.append([`${index}\n`]));
  expect(new Set(writes).size).toBe(2);
  release();
  await Promise.all(writes);
  expect(spy.mock.calls).toHaveLength(2);
  expect(await text()).toBe('a\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
});

test('a file that is opened again is appended to where it ends', async () => {
  await file.append(['one\n']);
  await file.close();
  const again = new RecordFile(path, await open(path, 'r+'), 4, 1);
  await again.append(['two\n']);
  await again.close();
  expect(await text()).toBe('one\ntwo\n');
  expect([again.bytes, again.lineCount]).toEqual([8, 2]);
});

test('a write that fails leaves no part of it, and the next one comes in its place', async () => {
  await file.append(['one\n']);
  failWrite(handle, 5);
  await expect(file.append(['torn\n', 'torn\n'])).rejects.toThrow('no space');
  expect(await text()).toBe('one\n');
  expect([file.bytes, file.lineCount]).toEqual([4, 1]);
  await file.append(['two\n']);
  expect(await text()).toBe('one\ntwo\n');
});

test('a part of a failed write that could not be cut off is cut off when the file is closed', async () => {
  failWrite(handle, 5);
  const truncating = vi.spyOn(handle, 'truncate').mockRejectedValueOnce(new Error('no'));
  await expect(file.append(['torn\n', 'torn\n'])).rejects.toThrow('no space');
  expect((await stat(path)).size).toBe(5);
  await file.close();
  expect((await stat(path)).size).toBe(0);
  expect(truncating).toHaveBeenCalledTimes(2);
});

test('a part of a failed write that was written over is not cut off', async () => {
  failWrite(handle, 5);
  const truncating = vi.spyOn(handle, 'truncate').mockRejectedValue(new Error('no'));
  await expect(file.append(['torn\n', 'torn\n'])).rejects.toThrow('no space');
  await file.append(['longer than the torn part\n']);
  await file.close();
  expect(truncating).toHaveBeenCalledOnce();
  expect(await text()).toBe('longer than the torn part\n');
});

test('a rewritten file has the given lines, then those that were appended meanwhile, and its owner alone reads it', async () => {
  await file.append(['old\n', 'older\n']);
  function* lines() {
    expect(file.isRewriting).toBe(true);
    yield 'kept\n';
    yield 'ünï\n';
  }
  const rewriting = file.rewrite(lines());
  await file.append(['meanwhile\n']);
  await rewriting;
  expect(file.isRewriting).toBe(false);
  await file.append(['after\n']);
  expect(await text()).toBe('kept\nünï\nmeanwhile\nafter\n');
  expect([file.bytes, file.lineCount]).toEqual([Buffer.byteLength('kept\nünï\nmeanwhile\nafter\n'), 4]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(dirname(path))).toEqual(['records.jsonl']);
  // The old file is closed.
  await expect(handle.stat()).rejects.toThrow();
  await file.rewrite(['again\n']);
  expect(await text()).toBe('again\n');
});

test('a rewritten file is written to although the old one could not be closed', async () => {
  await file.append(['old\n']);
  const close = handle.close.bind(handle);
  vi.spyOn(handle, 'close').mockImplementationOnce(async () => {
    await close();
    throw new Error('no');
  });
  await file.rewrite(['new\n']);
  await file.append(['after\n']);
  expect(await text()).toBe('new\nafter\n');
});

test('lines of more than one chunk are rewritten as they are', async () => {
  const lines = Array.from({ length: 700 }, (_, index) => `${index} ${'ü'.repeat(1_000)}\n`);
  await file.rewrite(lines);
  await file.append(['end\n']);
  expect(await text()).toBe(`${lines.join('')}end\n`);
  expect(file.lineCount).toBe(701);
});

test('a rewrite that fails leaves the old file, in which appends go on', async () => {
  await file.append(['one\n']);
  function* failing(): Generator<string> {
    yield 'x\n';
    throw new Error('no line');
  }
  const rewriting = file.rewrite(failing());
  await file.append(['two\n']);
  await expect(rewriting).rejects.toThrow('no line');
  expect(file.isRewriting).toBe(false);
  await file.append(['three\n']);
  expect(await text()).toBe('one\ntwo\nthree\n');
  await file.close();
  expect(await openFiles()).toEqual([]);
  expect(await readdir(dirname(path))).toEqual(['records.jsonl']);
});

test('a rewrite that is in progress is joined, and one anew reads its lines after it', async () => {
  await file.append(['old\n']);
  const current = ['first\n'];
  const rewriting = file.rewrite(current);
  expect(file.rewrite(['ignored\n'])).toBe(rewriting);
  const read = vi.fn<() => string[]>(() => ['anew\n']);
  const anew = file.rewriteAnew(read);
  expect(file.rewriteAnew(() => ['shared\n'])).toBe(anew);
  expect(read).not.toHaveBeenCalled();
  await rewriting;
  expect(await text()).toBe('first\n');
  await anew;
  expect(await text()).toBe('anew\n');
  await file.rewriteAnew(() => ['later\n']);
  expect(await text()).toBe('later\n');
});

test('a rewrite anew is made although the one before it fails, and closing waits for both', async () => {
  await file.append(['old\n']);
  function* failing(): Generator<string> {
    yield 'x\n';
    throw new Error('no line');
  }
  const rewriting = file.rewrite(failing());
  const anew = file.rewriteAnew(() => ['anew\n']);
  const ended: string[] = [];
  const note = (what: string) => () => void ended.push(what);
  const closed = file.close().then(note('closed'));
  void anew.then(note('anew'));
  await expect(rewriting).rejects.toThrow('no line');
  await Promise.all([anew, closed]);
  expect(ended).toEqual(['anew', 'closed']);
  expect(await text()).toBe('anew\n');
  expect(rewritePathOf(path)).toBe(`${path}.new`);
});

test('a write of which the system takes a part is continued', async () => {
  const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>;
  const spy = vi.spyOn(handle, 'write') as unknown as { mockImplementationOnce: (fn: unknown) => void };
  spy.mockImplementationOnce((bytes: Buffer, at: number, _length: number, position: number) =>
    write(bytes, at, 3, position),
  );
  await file.append(['one\n', 'two\n']);
  expect(await text()).toBe('one\ntwo\n');
});

test('a rewritten file is on the disk before it takes the place of the old one, and so is its name after', async () => {
  const sync = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
  onTestFinished(() => sync.mockRestore());
  const names: string[][] = [];
  sync.mockImplementation(async () => void names.push(await readdir(dirname(path))));
  await file.rewrite(['new\n']);
  expect(names).toEqual([['records.jsonl', 'records.jsonl.new'], ['records.jsonl']]);
});

test('closing waits for what is appended', async () => {
  const { release } = holdWrites(handle);
  const written = file.append(['one\n']);
  const closed = file.close();
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  release();
  await Promise.all([written, closed]);
  expect(await text()).toBe('one\n');
  await expect(handle.stat()).rejects.toThrow();
});

test('closing waits for a rewrite', async () => {
  const ended: string[] = [];
  const rewriting = file.rewrite(['new\n']).then(() => ended.push('rewritten'));
  await file.close().then(() => ended.push('closed'));
  await rewriting;
  expect(ended).toEqual(['rewritten', 'closed']);
  expect(await openFiles()).toEqual([]);
});

/** Open files of this folder, where the system tells. */
async function openFiles(): Promise<string[]> {
  const handles = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(dirname(path)));
}

test('a file that another process has made shorter is appended to at its own end', async () => {
  await file.append(['one\n']);
  await truncate(path, 0);
  await file.append(['two\n']);
  expect((await stat(path)).size).toBe(8);
});
