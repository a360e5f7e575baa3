import { mkdir, open, readdir, readFile, rename, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { SegmentWriter } from '../../../src/node/spool/segment-writer.js';
import { useFolder } from '../../support/use-folder.js';
import { eventually } from '../../support/eventually.js';

let root: string;
let path: string;
/** The class of all open files. */
let files: FileHandle;
beforeEach(async () => {
  root = await useFolder();
  path = join(root, 'own', 'prompt-00000001.jsonl');
  const file = await open(join(root, 'any'), 'w');
  files = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
});
afterEach(() => void vi.restoreAllMocks());

function segmentWriter(): SegmentWriter {
  const writer = new SegmentWriter(path);
  onTestFinished(() => writer.close());
  return writer;
}

const content = () => readFile(path, 'utf8');
const NO_SPACE = Object.assign(new Error('no space'), { code: 'ENOSPC' });

/** Makes the next write put three bytes into the file and fail. */
function tearNextWrite(): void {
  vi.spyOn(files, 'appendFile').mockImplementationOnce(async function (this: FileHandle, data) {
    await this.write((data as Uint8Array).subarray(0, 3));
    throw NO_SPACE;
  });
}

test('what is appended is in the file, which its owner alone can read', async () => {
  const writer = segmentWriter();
  for (const text of ['one\n', 'two\n']) await writer.append(Buffer.from(text));
  expect(await content()).toBe('one\ntwo\n');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(root, 'own'))).mode & 0o777).toBe(0o700);
});

test('an append ends when the data is on stable storage, not before', async () => {
  let sync = (): void => undefined;
  vi.spyOn(files, 'datasync').mockImplementationOnce(() => new Promise((resolve) => (sync = resolve)));
  const appended = vi.fn<() => void>();
  const append = segmentWriter().append(Buffer.from('one\n')).then(appended);
  await eventually(async () => expect(await content()).toBe('one\n'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(appended).not.toHaveBeenCalled();
  sync();
  await append;
});

test('data that did not reach stable storage is taken back', async () => {
  const writer = segmentWriter();
  await writer.append(Buffer.from('one\n'));
  vi.spyOn(files, 'datasync').mockRejectedValueOnce(NO_SPACE);
  await expect(writer.append(Buffer.from('two\n'))).rejects.toBe(NO_SPACE);
  expect(await content()).toBe('one\n');
});

test('a write that fails leaves what was written before, and no torn line', async () => {
  const writer = segmentWriter();
  for (const text of ['one\n', 'two\n']) await writer.append(Buffer.from(text));
  tearNextWrite();
  await expect(writer.append(Buffer.from('three\n'))).rejects.toBe(NO_SPACE);
  expect(await content()).toBe('one\ntwo\n');
});

test('the error is that of the write, also if the torn line cannot be taken back', async () => {
  tearNextWrite();
  vi.spyOn(files, 'truncate').mockRejectedValueOnce(new Error('cannot truncate'));
  await expect(segmentWriter().append(Buffer.from('one\n'))).rejects.toBe(NO_SPACE);
});

test('a file whose directory another process has claimed is not written to', async () => {
  const writer = segmentWriter();
  await writer.append(Buffer.from('one\n'));
  await rename(join(root, 'own'), join(root, 'claimed'));
  await expect(writer.append(Buffer.from('two\n'))).rejects.toMatchObject({ code: 'ENOENT' });
  await mkdir(join(root, 'own'));
  await writeFile(path, 'of another process\n');
  await expect(writer.append(Buffer.from('three\n'))).rejects.toMatchObject({ code: 'ESTALE' });
  expect(await readFile(join(root, 'claimed', 'prompt-00000001.jsonl'), 'utf8')).toBe('one\n');
});

test('a file that exists already is not taken for a new one', async () => {
  await mkdir(join(root, 'own'));
  await writeFile(path, 'of another process\n');
  await expect(segmentWriter().append(Buffer.from('one\n'))).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await content()).toBe('of another process\n');
});

test('the name of a new file is on stable storage, too, and only the file stays open', async () => {
  const sync = vi.spyOn(files, 'sync');
  const openFiles = async () => (await readdir('/proc/self/fd')).length;
  const before = await openFiles();
  const writer = segmentWriter();
  await writer.append(Buffer.from('one\n'));
  await writer.append(Buffer.from('two\n'));
  expect(sync).toHaveBeenCalledOnce();
  expect(await openFiles()).toBe(before + 1);
  await writer.close();
  expect(await openFiles()).toBe(before);
});
