import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { FinishedLines, readFinishedLines } from '../../../src/node/spool/finished-lines.js';
import type * as safeFiles from '../../../src/node/spool/safe-files.js';
import { writeNumber } from '../../../src/node/spool/safe-files.js';
import { useFolder } from '../../support/use-folder.js';

vi.mock('../../../src/node/spool/safe-files.js', async (importOriginal) => {
  const original = await importOriginal<typeof safeFiles>();
  return { ...original, writeNumber: vi.fn<typeof original.writeNumber>(original.writeNumber) };
});

let path: string;
beforeEach(async () => {
  path = join(await useFolder(), 'prompt-00000001.jsonl');
  vi.mocked(writeNumber).mockClear();
});

const written = () => readFile(`${path}.done`, 'utf8').catch(() => undefined);

/** Lets the next write end only when the test says so. */
function holdNextWrite(): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  vi.mocked(writeNumber).mockImplementationOnce(() => held);
  return release;
}

test('lines that are finished in any order count as far as there is no gap', () => {
  const lines = new FinishedLines(path);
  const counts = [2, 0, 3, 1, 5, 4].map((index) => {
    lines.finish(index);
    return lines.count;
  });
  expect(counts).toEqual([0, 1, 1, 4, 4, 6]);
});

test('a line that was finished before does not count again for another one', () => {
  const lines = new FinishedLines(path);
  lines.finish(1);
  lines.finish(0);
  lines.finish(1);
  lines.finish(3);
  expect(lines.count).toBe(2);
  lines.finish(2);
  expect(lines.count).toBe(4);
});

test('all lines of a tick are one write', async () => {
  const lines = new FinishedLines(path);
  for (const index of [0, 1, 2]) {
    lines.finish(index);
    lines.write();
  }
  await lines.written();
  expect(await written()).toBe('3');
  expect(writeNumber).toHaveBeenCalledOnce();
});

test('lines that are finished during a write are written after it, and one write runs at a time', async () => {
  const lines = new FinishedLines(path);
  const release = holdNextWrite();
  lines.finish(0);
  lines.write();
  await Promise.resolve();
  await Promise.resolve();
  lines.finish(1);
  lines.write();
  await new Promise((resolve) => setImmediate(resolve));
  expect(writeNumber).toHaveBeenCalledOnce();
  release();
  await lines.written();
  expect(await written()).toBe('2');
  lines.finish(2);
  lines.write();
  await lines.written();
  expect(await written()).toBe('3');
});

test('nothing is written if nothing has changed, also after another process wrote', async () => {
  const lines = new FinishedLines(path);
  lines.resume(2);
  lines.write();
  await lines.written();
  expect(writeNumber).not.toHaveBeenCalled();
  expect(lines.count).toBe(2);
  lines.finish(2);
  lines.write();
  await lines.written();
  expect(await written()).toBe('3');
});

test('after a stop nothing is being written, and nothing will be', async () => {
  const lines = new FinishedLines(path);
  const release = holdNextWrite();
  lines.finish(0);
  lines.write();
  await Promise.resolve();
  await Promise.resolve();
  const stopped = vi.fn<() => void>();
  const stop = lines.stop().then(stopped);
  lines.finish(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).not.toHaveBeenCalled();
  release();
  await stop;
  lines.write();
  await lines.written();
  expect(writeNumber).toHaveBeenCalledOnce();
});

test('a count that cannot be written harms nobody', async () => {
  const lines = new FinishedLines(join(path, 'no such directory', 'file'));
  lines.finish(0);
  lines.write();
  await expect(lines.written()).resolves.toBeUndefined();
});

test('the count is read back, and anything else counts as none', async () => {
  expect(await readFinishedLines(path)).toBe(0);
  for (const [text, count] of [
    ['12', 12],
    ['', 0],
    [' 3', 0],
    ['-1', 0],
    ['1e3', 0],
  ] as const) {
    await writeFile(`${path}.done`, text);
    expect(await readFinishedLines(path)).toBe(count);
  }
  const lines = new FinishedLines(path);
  await lines.remove();
  await lines.remove();
  expect(await written()).toBeUndefined();
  await mkdir(`${path}.done`);
  expect(await readFinishedLines(path)).toBe(0);
  await rm(`${path}.done`, { recursive: true });
});

test('the number of a finished line is forgotten once all lines before it are finished', () => {
  const lines = new FinishedLines(path);
  lines.finish(0);
  lines.resume(0);
  // Another process has finished none, so that line 0 counts only if it is finished again.
  lines.finish(1);
  expect(lines.count).toBe(0);
});
