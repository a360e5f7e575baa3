import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { SharedQuota } from '../../../src/node/spool/shared-quota.js';

/** 98,000 bytes are usable, and 6,250 are reserved at once. */
const MAX = 100_000;
const LOCK = '.lock';
/** A process of another machine, which may run, and one that has ended. */
const [FOREIGN, ENDED] = ['1-deadbeef-00000000', '0-deadbeef-00000000'];

let root: string;
beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'quota-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  root = join(dir, 'shop');
});

const own = (): string => join(root, 'own');
const reserved = async (directory = own()): Promise<number> =>
  Number(await readFile(join(directory, 'reserved'), 'utf8'));

async function fill(name: string, bytes: number, reservedBytes?: number): Promise<void> {
  await mkdir(join(root, name), { recursive: true });
  await writeFile(join(root, name, 'prompt-1.jsonl'), 'x'.repeat(bytes));
  if (reservedBytes !== undefined) await writeFile(join(root, name, 'reserved'), String(reservedBytes));
}

test('a process reserves what it uses and a part more, and again when that is used up', async () => {
  const quota = new SharedQuota(root, MAX);
  expect(await quota.reserve(own(), 1_000)).toBe(true);
  expect(await reserved()).toBe(7_250);
  await rm(join(own(), 'reserved'));
  expect(await quota.reserve(own(), 7_250)).toBe(true);
  // Within the reservation nothing is written.
  await expect(reserved()).rejects.toThrow('ENOENT');
  expect(await quota.reserve(own(), 7_251)).toBe(true);
  expect(await reserved()).toBe(13_501);
  expect(await readdir(root)).toEqual(['own']);
});

test('the limit holds to the byte, and the last part is smaller', async () => {
  const quota = new SharedQuota(root, MAX);
  expect(await quota.reserve(own(), 98_001)).toBe(false);
  expect(await quota.reserve(own(), 98_000)).toBe(true);
  expect(await reserved()).toBe(98_000);
});

test('files of other processes count, and more than that what they have reserved if they may still run', async () => {
  await fill(FOREIGN, 10_000, 20_000);
  await fill(ENDED, 10_000, 50_000);
  await writeFile(join(root, 'dead-letter.jsonl'), 'x'.repeat(5_000));
  // Neither a link nor a folder counts.
  await symlink('/'.padEnd(200, 'x'), join(root, 'link'));
  await mkdir(join(root, ENDED, 'folder'));
  const quota = new SharedQuota(root, MAX);
  // The file with the reservation of the process that has ended is five bytes long.
  expect(await quota.reserve(own(), 62_996)).toBe(false);
  expect(await quota.reserve(own(), 62_995)).toBe(true);
});

test('a process with more bytes than it has reserved counts with its bytes', async () => {
  await fill(FOREIGN, 30_000, 20_000);
  const quota = new SharedQuota(root, MAX);
  expect(await quota.reserve(own(), 98_000 - 30_005)).toBe(true);
  expect(await quota.reserve(own(), 98_000 - 30_005 + 1)).toBe(false);
});

test('a new directory begins without a reservation', async () => {
  const quota = new SharedQuota(root, MAX);
  await quota.reserve(own(), 50_000);
  const next = join(root, 'next');
  expect(await quota.reserve(next, 40_000)).toBe(true);
  expect(await reserved(next)).toBe(41_750);
});

test('what is not needed is given back, but for one part, and everything at the end', async () => {
  const quota = new SharedQuota(root, MAX);
  await quota.reserve(own(), 50_000);
  await quota.release(50_000);
  expect(await reserved()).toBe(56_250);
  await quota.release(1_000);
  expect(await reserved()).toBe(7_250);
  await rm(join(own(), 'reserved'));
  await quota.release(1_000);
  await expect(reserved()).rejects.toThrow('ENOENT');
  await quota.reserve(own(), 50_000);
  await quota.close();
  expect(await readdir(own())).toEqual([]);
  expect(await quota.reserve(own(), 1_000)).toBe(true);
  expect(await reserved()).toBe(7_250);
});

test('a limit that was lowered is exceeded by what is there already', async () => {
  await fill(FOREIGN, 90_000);
  await fill('own', 8_000);
  expect(await new SharedQuota(root, MAX).isExceeded(own(), 8_000)).toBe(false);
  expect(await new SharedQuota(root, MAX).isExceeded(own(), 8_001)).toBe(true);
});

test('of two processes at once, one gets what is left', async () => {
  const quotas = Array.from({ length: 5 }, () => new SharedQuota(root, MAX));
  const names = [
    '1-deadbeef-00000001',
    '1-deadbeef-00000002',
    '1-deadbeef-00000003',
    '1-deadbeef-00000004',
    '1-deadbeef-00000005',
  ];
  const got = await Promise.all(
    quotas.map((quota, index) => quota.reserve(join(root, names[index] ?? ''), 60_000)),
  );
  expect(got.filter(Boolean)).toHaveLength(1);
  expect((await readdir(root)).toSorted()).toEqual(names);
});

test.each([
  ['past', -60_000],
  ['future', 60_000],
])('a lock whose time is in the %s was left by a process that was killed', async (_title, offsetMs) => {
  await mkdir(join(root, LOCK), { recursive: true });
  const at = new Date(Date.now() + offsetMs);
  await utimes(join(root, LOCK), at, at);
  expect(await new SharedQuota(root, MAX).reserve(own(), 1_000)).toBe(true);
  expect(await readdir(root)).toEqual(['own']);
});

test('a lock that is held is waited for, and after two seconds it is left alone', async () => {
  await mkdir(join(root, LOCK), { recursive: true });
  const started = performance.now();
  expect(await new SharedQuota(root, MAX).reserve(own(), 1_000)).toBe(true);
  // Not sooner: the timers of the wait add up to two seconds.
  expect(performance.now() - started).toBeGreaterThan(1_500);
  expect((await stat(join(root, LOCK))).isDirectory()).toBe(true);
});

test('a reservation that cannot be found out is an error, and leaves no lock', async () => {
  const quota = new SharedQuota(root, MAX);
  await quota.reserve(own(), 1_000);
  await rm(join(own(), 'reserved'));
  await mkdir(join(own(), 'reserved'));
  await expect(quota.reserve(own(), 50_000)).rejects.toThrow();
  expect(await readdir(root)).toEqual(['own']);
});
