import type * as fsPromises from 'node:fs/promises';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type { SpoolItem } from '../../../src/delivery/model/spool.js';
import { surveyFile } from '../../../src/node/spool/file-survey.js';
import { toLine } from '../../../src/node/spool/line.js';
import type * as safeFiles from '../../../src/node/spool/safe-files.js';
import { Segment } from '../../../src/node/spool/segment.js';
import { useFolder } from '../../support/use-folder.js';

const fs = vi.hoisted(() => ({ calls: [] as string[], held: undefined as Promise<void> | undefined }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof fsPromises>();
  return {
    ...original,
    rm: (path: string, options: object) => {
      fs.calls.push(`rm ${path.split('/').at(-1)}`);
      return original.rm(path, options);
    },
  };
});

vi.mock('../../../src/node/spool/safe-files.js', async (importOriginal) => {
  const original = await importOriginal<typeof safeFiles>();
  return {
    ...original,
    writeNumber: async (path: string, number: number) => {
      fs.calls.push('note');
      await fs.held;
      return original.writeNumber(path, number);
    },
  };
});

const NAME = 'prompt-00000001.jsonl';
const T0 = Date.UTC(2026, 0, 1);

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await useFolder();
  path = join(folder, NAME);
  fs.held = undefined;
  fs.calls.length = 0;
});

const items = (count: number, first = 1): SpoolItem[] =>
  Array.from({ length: count }, (_, index) => ({
    json: `{"i":${first + index}}`,
    bytes: 7,
    sequence: first + index,
    acceptedAtMs: T0 + index,
  }));

/** A file of this process with so many lines, all kept in memory unless said otherwise. */
async function segmentOf(count: number, keepBytes = Infinity): Promise<Segment> {
  const segment = new Segment('prompt', path);
  const written = items(count);
  await writeFile(path, written.map(toLine).join(''));
  const bytes = written.map((item) => Buffer.byteLength(toLine(item)));
  segment.onWritten(written, bytes, keepBytes);
  return segment;
}

const take = async (segment: Segment, count: number) =>
  (await segment.take(count, Infinity)).items.map(({ sequence }) => sequence);

test('written lines wait until they are taken, with the values of the last one', async () => {
  const segment = await segmentOf(3);
  expect(segment).toMatchObject({ count: 3, waiting: 3, taken: 0, isFinished: false });
  expect(segment).toMatchObject({ lastSequence: 3, lastAcceptedAtMs: T0 + 2 });
  expect(segment.bytes).toBe((await readFile(path)).byteLength);
  expect(await take(segment, 2)).toEqual([1, 2]);
  expect(segment).toMatchObject({ waiting: 1, taken: 2 });
  expect(await take(segment, 2)).toEqual([3]);
  expect(await take(segment, 2)).toEqual([]);
});

test.each([0, 7, 8, 14])(
  'with %d bytes kept in memory, all lines come once and in order',
  async (keepBytes) => {
    const segment = await segmentOf(4, keepBytes);
    const later = items(2, 5);
    await writeFile(path, [...items(4), ...later].map(toLine).join(''));
    segment.onWritten(
      later,
      later.map((item) => Buffer.byteLength(toLine(item))),
      Infinity,
    );
    expect(await take(segment, 3)).toEqual([1, 2, 3].slice(0, keepBytes === 7 ? 1 : keepBytes === 0 ? 3 : 2));
    const rest: number[] = [];
    for (let round = 0; round < 5; round += 1) rest.push(...(await take(segment, 10)));
    expect(rest.at(-1)).toBe(6);
    expect(new Set(rest).size).toBe(rest.length);
  },
);

test('lines that are kept in memory need no file, up to the bytes that may be kept', async () => {
  const segment = await segmentOf(3, 14);
  await rm(path);
  expect(await take(segment, 10)).toEqual([1, 2]);
  await expect(take(segment, 10)).rejects.toThrow('ENOENT');
});

test('a segment is finished when all lines are, in any order', async () => {
  const segment = await segmentOf(3);
  await take(segment, 3);
  for (const index of [2, 0, 1]) {
    expect(segment.isFinished).toBe(false);
    segment.finish(index);
  }
  expect(segment.isFinished).toBe(true);
});

test('the handle of an item tells its line', async () => {
  const segment = await segmentOf(2);
  const { items: taken } = await segment.take(10, Infinity);
  expect(taken.map(({ handle }) => handle)).toEqual([
    { segment, index: 0 },
    { segment, index: 1 },
  ]);
});

test('damaged lines are finished and counted', async () => {
  const segment = await segmentOf(3, 0);
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"i":1', '"i":9'));
  const { items: taken, damaged } = await segment.take(10, Infinity);
  expect([taken.map(({ sequence }) => sequence), damaged]).toEqual([[2, 3], 1]);
  expect(segment.waiting).toBe(0);
  segment.finish(1);
  segment.finish(2);
  expect(segment.isFinished).toBe(true);
});

async function claimed(done: string, nowMs: number): Promise<Segment> {
  await writeFile(path, items(3).map(toLine).join(''));
  if (done !== '') await writeFile(`${path}.done`, done);
  const segment = new Segment('prompt', path);
  segment.claim(await surveyFile(path, nowMs));
  segment.renumber(70, nowMs);
  return segment;
}

test('a claimed file goes on where its process had stopped, under a number of this process', async () => {
  const segment = await claimed('1', T0 + 60_000);
  expect(segment).toMatchObject({ count: 3, waiting: 2, taken: 1, isSealed: true, isClaimed: true });
  expect(segment).toMatchObject({ lastSequence: 70, lastAcceptedAtMs: T0 + 2 });
  const { items: taken } = await segment.take(10, Infinity);
  expect(taken).toMatchObject([
    { json: '{"i":2}', sequence: 70, acceptedAtMs: T0 + 1, handle: { index: 1 } },
    { json: '{"i":3}', sequence: 70, acceptedAtMs: T0 + 2, handle: { index: 2 } },
  ]);
  segment.finish(1);
  expect(segment.isFinished).toBe(false);
  segment.finish(2);
  expect(segment.isFinished).toBe(true);
});

test('entries of a claimed file count as accepted at the time of the claim at the latest', async () => {
  const segment = await claimed('', T0);
  const { items: taken } = await segment.take(10, Infinity);
  expect(taken.map(({ acceptedAtMs }) => acceptedAtMs)).toEqual([T0, T0, T0]);
});

test('an abandoned segment has nothing waiting, and is finished when what was taken is', async () => {
  const segment = await segmentOf(3);
  await take(segment, 1);
  expect(segment.abandon()).toBe(2);
  expect(segment.abandon()).toBe(0);
  expect(segment).toMatchObject({ waiting: 0, isFinished: false });
  expect(await take(segment, 10)).toEqual([]);
  segment.finish(0);
  expect(segment.isFinished).toBe(true);
});

test('an entry that is erased is gone from the file, and is neither waiting nor sent', async () => {
  const segment = await segmentOf(4);
  await take(segment, 1);
  expect(await segment.erase(new Set([1, 3]))).toEqual([3]);
  expect(await segment.erase(new Set([3]))).toEqual([]);
  expect(segment.waiting).toBe(2);
  const text = await readFile(path, 'utf8');
  expect(text).not.toMatch(/"i":[13]/);
  expect(await take(segment, 10)).toEqual([2, 4]);
  expect(segment.waiting).toBe(0);
  for (const index of [0, 1, 3]) segment.finish(index);
  expect(segment.isFinished).toBe(true);
});

test('a segment with erased entries can be abandoned', async () => {
  const segment = await segmentOf(3);
  await segment.erase(new Set([2]));
  expect(segment.abandon()).toBe(2);
  expect(segment).toMatchObject({ waiting: 0, isFinished: true });
});

test('entries that another process erased are counted, and finished', async () => {
  const own = await segmentOf(3, 0);
  await own.erase(new Set([2]));
  const segment = new Segment('prompt', path);
  segment.claim(await surveyFile(path, T0 + 60_000));
  const { items: taken, erased } = await segment.take(10, Infinity);
  expect([taken.map(({ sequence }) => sequence), erased]).toEqual([[1, 3], 1]);
  segment.finish(0);
  segment.finish(2);
  expect(segment.isFinished).toBe(true);
});

test('a finished file is removed after the note that is being written, and before that note', async () => {
  const segment = await segmentOf(1);
  let release = (): void => undefined;
  fs.held = new Promise((resolve) => (release = resolve));
  segment.finish(0);
  segment.writeProgress();
  await new Promise((resolve) => setImmediate(resolve));
  const removed = segment.remove();
  await new Promise((resolve) => setImmediate(resolve));
  expect(fs.calls).toEqual(['note']);
  release();
  await removed;
  expect(fs.calls).toEqual(['note', `rm ${NAME}`, `rm ${NAME}.done`]);
  expect(await readdir(folder)).toEqual([]);
});

test('a file that is gone can be removed', async () => {
  await expect(new Segment('prompt', join(folder, 'gone')).remove()).resolves.toBeUndefined();
  await mkdir(join(folder, 'directory'));
  await expect(new Segment('prompt', join(folder, 'directory')).remove()).rejects.toThrow();
});

test('lines that are written after some were taken are kept in memory too', async () => {
  const segment = await segmentOf(2);
  expect(await take(segment, 1)).toEqual([1]);
  const later = items(1, 3);
  segment.onWritten(
    later,
    later.map((item) => Buffer.byteLength(toLine(item))),
    Infinity,
  );
  await rm(path);
  expect(await take(segment, 10)).toEqual([2, 3]);
});
