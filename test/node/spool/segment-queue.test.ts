import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { SpoolItem, TakenItem } from '../../../src/delivery/model/spool.js';
import { surveyFile } from '../../../src/node/spool/file-survey.js';
import { ItemHandle, Segment } from '../../../src/node/spool/segment.js';
import { SegmentQueue, toLines, type LossListener } from '../../../src/node/spool/segment-queue.js';
import { useFolder } from '../../support/use-folder.js';
import { eventually } from '../../support/eventually.js';

const T0 = Date.UTC(2026, 0, 1);

let root: string;
beforeEach(async () => {
  root = await useFolder();
});

/** A queue in the directory \`own\`, and its losses. */
function segmentQueue(segmentBytes?: number) {
  let directory = join(root, 'own');
  let sequence = 0;
  const lost: Parameters<LossListener>[] = [];
  const queue = new SegmentQueue(
    'prompt',
    () => directory,
    (...loss) => void lost.push(loss),
    segmentBytes,
  );
  onTestFinished(async () => void (await queue.close()));
  /** Appends so many entries, of so many bytes each, in one write. */
  const append = async (count: number, size = 10, acceptedAtMs = T0): Promise<void> => {
    const items = Array.from({ length: count }, (): SpoolItem => {
      sequence += 1;
      const json = `"${'x'.repeat(size - 2)}"`;
      return { json, bytes: size, sequence, acceptedAtMs };
    });
    await queue.append(items, toLines(items));
  };
  const take = (count: number, bytes = Infinity): Promise<TakenItem[]> => queue.take(count, bytes);
  const finish = (items: readonly TakenItem[]): void => {
    for (const { handle } of items)
      if (handle instanceof ItemHandle) queue.finish(handle.segment, handle.index);
  };
  return { queue, lost, append, take, finish, moveTo: (name: string) => (directory = join(root, name)) };
}

const files = async (): Promise<string[]> =>
  (await readdir(join(root, 'own')).catch(() => [])).toSorted((a, b) => (a < b ? -1 : 1));
const numbers = (items: readonly TakenItem[]): number[] => items.map(({ sequence }) => sequence);
const FIRST = 'prompt-00000001.jsonl';
const SECOND = 'prompt-00000002.jsonl';

test('entries are written to one file and taken in order, up to a number and a size', async () => {
  const { queue, append, take } = segmentQueue();
  for (const count of [2, 3]) await append(count);
  expect(await files()).toEqual([FIRST]);
  expect(queue.waiting).toBe(5);
  expect(queue.bytes).toBe((await readFile(join(root, 'own', FIRST))).byteLength);
  expect(numbers(await take(2))).toEqual([1, 2]);
  expect(numbers(await take(10, 20))).toEqual([3, 4]);
  expect(numbers(await take(10))).toEqual([5]);
  expect(queue.waiting).toBe(0);
});

test('a new file is begun after a thousand entries, and after a megabyte', async () => {
  const { append } = segmentQueue();
  await append(999);
  await append(1);
  expect(await files()).toEqual([FIRST]);
  await append(1, 1_000_000);
  await append(1);
  expect(await files()).toEqual([FIRST, SECOND, 'prompt-00000003.jsonl']);
});

test('entries are taken over several files, up to a number and a size of all', async () => {
  const { append, take } = segmentQueue();
  for (let file = 0; file < 3; file += 1) await append(1_000);
  expect(await take(1_500)).toHaveLength(1_500);
  expect(await take(1_000, 6_000)).toHaveLength(600);
  expect(await take(5_000)).toHaveLength(900);
});

test('a large entry is taken alone', async () => {
  const { append, take } = segmentQueue();
  await append(2, 500);
  await append(1_000);
  expect(numbers(await take(10, 100))).toEqual([1]);
  expect(numbers(await take(10, 500))).toEqual([2]);
});

test('a file is removed when it is finished and nothing more is written to it', async () => {
  const { queue, append, take, finish } = segmentQueue();
  await append(1_000);
  finish(await take(1_000));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await files()).toContain(FIRST);
  expect(queue.bytes).toBeGreaterThan(0);
  await append(1);
  await eventually(async () => expect(await files()).toEqual([SECOND]));
  await append(999);
  await append(1);
  finish(await take(1_000));
  await eventually(async () => expect(await files()).toEqual(['prompt-00000003.jsonl']));
});

test('how far a file is finished is written beside it, at the latest when the queue is closed', async () => {
  const { queue, append, take, finish } = segmentQueue();
  await append(3);
  finish(await take(2));
  expect(await queue.close()).toBe(true);
  expect(await readFile(join(root, 'own', `${FIRST}.done`), 'utf8')).toBe('2');
});

test('a closed queue says whether something is left, and has removed what is not', async () => {
  const { queue, append, take, finish } = segmentQueue();
  expect(await queue.close()).toBe(false);
  await append(2);
  finish(await take(2));
  expect(await queue.close()).toBe(false);
  expect(await files()).toEqual([]);
  await append(1);
  expect(await queue.close()).toBe(true);
  expect(queue.oldestIdle?.path).toBe(join(root, 'own', SECOND));
});

test('after a write that failed, the next entries go to a new file', async () => {
  const { queue, append, take } = segmentQueue();
  await append(1);
  await rename(join(root, 'own', FIRST), join(root, 'own', 'moved'));
  await expect(append(1)).rejects.toThrow('ENOENT');
  await append(1);
  expect(await files()).toEqual(['moved', SECOND]);
  expect(queue.waiting).toBe(2);
  expect(numbers(await take(10))).toEqual([1, 3]);
});

test('files of another process come first', async () => {
  const { queue, append, take } = segmentQueue();
  await append(1);
  const path = join(root, FIRST);
  await writeFile(path, Buffer.concat(toLines([{ json: '{}', bytes: 2, sequence: 9, acceptedAtMs: T0 }])));
  const claimed = new Segment('prompt', path);
  claimed.claim(await surveyFile(path, T0));
  claimed.renumber(7, T0);
  queue.claim([claimed]);
  expect(queue.oldestIdle).toBe(claimed);
  expect(numbers(await take(10))).toEqual([7, 1]);
  expect(queue.oldestIdle).toBeUndefined();
});

test('only a file to which nothing more is written, and of which nothing was taken, is idle', async () => {
  const { queue, append, take } = segmentQueue();
  await append(1_000);
  expect(queue.oldestIdle).toBeUndefined();
  await append(1_000);
  await append(1);
  expect(queue.oldestIdle?.path).toBe(join(root, 'own', FIRST));
  await take(1);
  expect(queue.oldestIdle?.path).toBe(join(root, 'own', SECOND));
});

test('a file that is given up has lost what waits in it, and goes when what was taken is finished', async () => {
  const { queue, lost, append, take, finish } = segmentQueue();
  await append(1_000);
  await append(1);
  const taken = await take(1);
  const [segment] = taken.flatMap(({ handle }) => (handle instanceof ItemHandle ? handle.segment : []));
  for (let time = 0; time < 2; time += 1) if (segment) queue.lose(segment, 'spool_full');
  expect(lost).toEqual([['prompt', 999, 'spool_full', 1_000]]);
  expect(await files()).toContain(FIRST);
  finish(taken);
  await eventually(async () => expect(await files()).toEqual([SECOND]));
});

test('files whose last entry is too old expire, and no others', async () => {
  const { queue, lost, append } = segmentQueue();
  await append(1_000, 10, T0);
  await append(1_000, 10, T0 + 1);
  await append(1, 10, T0 + 2);
  queue.expire(T0 + 1);
  expect(lost).toEqual([['prompt', 1_000, 'spool_expired', 1_000]]);
  expect(queue.waiting).toBe(1_001);
  queue.expire(T0 + 10);
  expect(lost).toHaveLength(3);
});

test('damaged lines are lost, and the others are taken', async () => {
  const { queue, lost, append, take } = segmentQueue();
  await append(1_000);
  await append(200, 6_000);
  const path = join(root, 'own', SECOND);
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replaceAll(/xx(?=[^\n]*\n)/g, 'xy').replace('xyx', 'yyx'));
  await take(1_000);
  await take(1_000);
  expect(lost.map(([, , reason]) => reason)).toContain('spool_lost');
  expect(queue.waiting).toBe(0);
});

test('the entries of a file that cannot be read are lost', async () => {
  const { queue, lost, append, take } = segmentQueue();
  await append(1_000);
  await append(1_000);
  await append(1);
  await take(1);
  await rm(join(root, 'own', SECOND));
  await mkdir(join(root, 'own', SECOND));
  await take(999);
  expect(await take(10)).toHaveLength(1);
  expect(lost).toEqual([['prompt', 1_000, 'spool_lost', 2_000]]);
  expect(queue.waiting).toBe(0);
});

test('the entries of a directory that another process has claimed are lost, and no others', async () => {
  const { queue, lost, append, moveTo } = segmentQueue();
  await append(2);
  queue.loseDirectory(join(root, 'ow'));
  expect(lost).toEqual([]);
  await append(1_000);
  moveTo('next');
  await append(3);
  queue.loseDirectory(join(root, 'own'));
  expect(lost).toEqual([['prompt', 1_002, 'spool_lost', 1_002]]);
  expect(queue.waiting).toBe(3);
});

test('entries that are erased are lost as opted out, each with its number', async () => {
  const { queue, lost, append, take } = segmentQueue();
  await append(4);
  await take(1);
  await queue.erase(new Set([1, 2, 4]));
  expect(lost).toEqual([
    ['prompt', 1, 'opted_out', 2],
    ['prompt', 1, 'opted_out', 4],
  ]);
  expect(numbers(await take(10))).toEqual([3]);
});

test('entries of another process are not erased by their numbers, and what it erased is lost', async () => {
  const own = segmentQueue();
  await own.append(3);
  await own.queue.erase(new Set([2]));
  const path = join(root, 'own', FIRST);
  const claimed = new Segment('prompt', path);
  claimed.claim(await surveyFile(path, T0));
  claimed.renumber(70, T0);
  const heir = segmentQueue();
  heir.queue.claim([claimed]);
  await heir.queue.erase(new Set([1, 3, 70]));
  expect(heir.lost).toEqual([]);
  expect(numbers(await heir.take(10))).toEqual([70, 70]);
  expect(heir.lost).toEqual([['prompt', 1, 'opted_out', 70]]);
});

test('files that are not needed any more are gone once their removal is awaited', async () => {
  const { queue, append, take, finish } = segmentQueue();
  await append(1_000);
  const taken = await take(1_000);
  await append(1);
  finish(taken);
  await queue.removed();
  // Checked in the same turn: the removal of a file takes longer.
  expect(existsSync(join(root, 'own', FIRST))).toBe(false);
});

test('a queue with smaller files begins a new one sooner, and knows the bytes in each directory', async () => {
  const { queue, append, moveTo } = segmentQueue(100);
  await append(1, 90);
  await append(1, 90);
  expect(await files()).toEqual([FIRST, SECOND]);
  const own = queue.bytes;
  moveTo('next');
  await append(1, 90);
  expect(queue.bytesIn(join(root, 'own'))).toBe(own);
  expect(queue.bytesIn(join(root, 'next'))).toBe(queue.bytes - own);
  expect(queue.bytesIn(join(root, 'ow'))).toBe(0);
});

test('a new file that cannot be written costs no entries of the others', async () => {
  const { queue, append, take } = segmentQueue();
  await append(1_000);
  await mkdir(join(root, 'own', SECOND));
  await expect(append(1)).rejects.toThrow();
  expect(queue.waiting).toBe(1_000);
  expect(await take(2_000)).toHaveLength(1_000);
});

test('a removal that has ended is not kept', async () => {
  const { queue, append, take, finish } = segmentQueue();
  await append(1_000);
  finish(await take(1_000));
  await append(1);
  await queue.removed();
  const all = vi.spyOn(Promise, 'all');
  onTestFinished(() => all.mockRestore());
  await queue.removed();
  const [[removals] = []] = all.mock.calls;
  expect([...(removals ?? ['none'])]).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a queue keeps the file open to which it writes, and none when it is closed',
  async () => {
    const openFiles = async (): Promise<string[]> => {
      const handles = await readdir('/proc/self/fd');
      const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
      return targets.filter((target) => target.startsWith(root)).map((target) => target.slice(root.length));
    };
    const { queue, append } = segmentQueue();
    await append(1_000);
    expect(await openFiles()).toEqual([`/own/${FIRST}`]);
    await append(1);
    expect(await openFiles()).toEqual([`/own/${SECOND}`]);
    await queue.close();
    expect(await openFiles()).toEqual([]);
  },
);
