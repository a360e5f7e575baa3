import { chmod, mkdir, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { toLine } from '../../../src/node/spool/line.js';
import { claim, OrphanWatch, readOrphan, touchDirectory } from '../../../src/node/spool/orphans.js';
import { disown, newFreeName, newOwnName, ownerState } from '../../../src/node/spool/owner.js';
import { useDiag } from '../../support/use-diag.js';
import { useFolder } from '../../support/use-folder.js';

let root: string;
beforeEach(async () => {
  root = await useFolder();
});

const FREE = newFreeName();
const ELSEWHERE = '1-deadbeef-00000000';

/** The name of a directory of this process that might belong to another thread. */
function runningName(): string {
  const name = newOwnName();
  disown(name);
  return name;
}

/** Makes a directory that was changed so many milliseconds ago. */
async function make(name: string, agoMs = 0): Promise<void> {
  await mkdir(join(root, name));
  await change(name, agoMs);
}

async function change(name: string, agoMs = 0): Promise<void> {
  const time = new Date(Date.now() - agoMs);
  await utimes(join(root, name), time, time);
}

test('the directories of ended processes are orphans, in the order of their names', async () => {
  const own = newOwnName();
  const names = [FREE, newFreeName(), own, runningName(), ELSEWHERE, 'not-ours'];
  for (const name of names) await make(name);
  const watch = new OrphanWatch(root, () => 0);
  expect(await watch.find()).toEqual(names.slice(0, 2).toSorted());
  expect(await new OrphanWatch(join(root, 'gone'), () => 0).find()).toEqual([]);
});

test('a directory that does not change for two minutes is an orphan, although its process may run', async () => {
  let now = 0;
  const name = runningName();
  await make(name, 3_600_000);
  const watch = new OrphanWatch(root, () => now);
  const findAt = (time: number) => {
    now = time;
    return watch.find();
  };
  expect(await findAt(0)).toEqual([]);
  expect(await findAt(120_000)).toEqual([]);
  expect(await findAt(120_001)).toEqual([name]);
});

test('a directory that is changed now and then is no orphan', async () => {
  let now = 0;
  const name = runningName();
  await make(name, 3_600_000);
  const watch = new OrphanWatch(root, () => now);
  for (let round = 0; round < 5; round += 1) {
    expect(await watch.find()).toEqual([]);
    now += 100_000;
    await change(name, 3_600_000 - round * 1_000);
  }
  await watch.find();
  now += 120_001;
  expect(await watch.find()).toEqual([name]);
});

test('a directory of another machine is an orphan at first sight if it is ten minutes old', async () => {
  await make(ELSEWHERE, 590_000);
  const watch = new OrphanWatch(root, () => 0);
  expect(await watch.find()).toEqual([]);
  await change(ELSEWHERE, 610_000);
  expect(await watch.find()).toEqual([ELSEWHERE]);
});

test('an orphan is moved under a name of this process, and its time is now', async () => {
  await make(FREE, 3_600_000);
  await writeFile(join(root, FREE, 'prompt-00000001.jsonl'), '');
  await change(FREE, 3_600_000);
  const to = join(root, 'other', 'root');
  const name = (await claim(root, FREE, to)) ?? '';
  expect(ownerState(name)).toBe('own');
  expect(await readdir(join(to, name))).toEqual(['prompt-00000001.jsonl']);
  expect(Date.now() - (await stat(join(to, name))).mtimeMs).toBeLessThan(60_000);
  expect((await stat(to)).mode & 0o777).toBe(0o700);
  expect(await readdir(root)).toEqual(['other']);
});

test('of several that claim an orphan one succeeds, and the others give their names up', async () => {
  await make(FREE);
  const names = await Promise.all([claim(root, FREE, root), claim(root, FREE, root)]);
  expect(names.filter((name) => name !== undefined)).toHaveLength(1);
  expect(await claim(root, FREE, root)).toBeUndefined();
});

const line = (sequence: number, acceptedAtMs: number): string =>
  toLine({ json: '{}', bytes: 2, sequence, acceptedAtMs });

test('the files of an orphan are read in order, and those that are finished are removed', async () => {
  const directory = join(root, FREE);
  await mkdir(directory);
  const time = Date.UTC(2026, 0, 1);
  for (const number of [2, 1])
    await writeFile(join(directory, `prompt-0000000${number}.jsonl`), line(1, time));
  await writeFile(join(directory, 'event-00000001.jsonl'), line(1, time + 5_000));
  await writeFile(join(directory, 'prompt-00000003.jsonl'), line(1, time));
  await writeFile(join(directory, 'prompt-00000003.jsonl.done'), '1');
  await mkdir(join(directory, 'prompt-00000004.jsonl'));
  await writeFile(join(directory, 'notes.txt'), '');
  const segments = await readOrphan(directory, time + 1_000);
  expect(segments.map(({ path }) => path.slice(directory.length + 1))).toEqual([
    'event-00000001.jsonl',
    'prompt-00000001.jsonl',
    'prompt-00000002.jsonl',
  ]);
  expect(segments.map(({ kind, waiting, isSealed }) => [kind, waiting, isSealed])).toEqual([
    ['event', 1, true],
    ['prompt', 1, true],
    ['prompt', 1, true],
  ]);
  // A time in the future counts as the time of the claim.
  expect(segments.map(({ lastAcceptedAtMs }) => lastAcceptedAtMs - time)).toEqual([1_000, 0, 0]);
  expect(await readdir(directory)).not.toContain('prompt-00000003.jsonl');
});

test('a directory that is gone cannot be touched', async () => {
  await make(FREE, 3_600_000);
  expect(await touchDirectory(join(root, FREE))).toBe(true);
  expect(Date.now() - (await stat(join(root, FREE))).mtimeMs).toBeLessThan(60_000);
  await rm(join(root, FREE), { recursive: true });
  expect(await touchDirectory(join(root, FREE))).toBe(false);
  // Another error, here that of a file in the place of a directory, does not mean that it is gone.
  await writeFile(join(root, 'file'), '');
  expect(await touchDirectory(join(root, 'file', 'inside'))).toBe(true);
});

test('a directory that others may write to, or a link to one, is no orphan, and that is said', async () => {
  const lines = useDiag();
  const [link, open] = [newFreeName(), newFreeName()];
  await mkdir(join(root, 'target'));
  await symlink(join(root, 'target'), join(root, link));
  await make(open);
  await chmod(join(root, open), 0o777);
  const watch = new OrphanWatch(root, () => 0);
  expect(await watch.find()).toEqual([]);
  expect(await watch.find()).toEqual([]);
  expect(lines.filter(({ text }) => text.includes('symbolic link'))).toHaveLength(1);
  expect(lines.filter(({ text }) => text.includes('written by every user'))).toHaveLength(1);
});

test('nothing is claimed from or as a directory that others may replace', async () => {
  const link = newFreeName();
  await mkdir(join(root, 'target'));
  await symlink(join(root, 'target'), join(root, link));
  // As if it had been replaced by a link after it was looked at.
  expect(await claim(root, link, join(root, 'to'))).toBeUndefined();
  await make('shared');
  await mkdir(join(root, 'shared', FREE));
  await chmod(join(root, 'shared'), 0o777);
  expect(await claim(join(root, 'shared'), FREE, join(root, 'to'))).toBeUndefined();
});

test('the bytes that an ended process had reserved are given back with the claim', async () => {
  await make(FREE);
  for (const file of ['reserved', 'prompt-00000001.jsonl']) await writeFile(join(root, FREE, file), '1000');
  const name = (await claim(root, FREE, root)) ?? '';
  expect(await readdir(join(root, name))).toEqual(['prompt-00000001.jsonl']);
});

test('a link among the files of an orphan is not read, and that is said', async () => {
  const lines = useDiag();
  const directory = join(root, FREE);
  await mkdir(directory);
  await writeFile(join(root, 'elsewhere'), line(1, Date.UTC(2026, 0, 1)));
  await symlink(join(root, 'elsewhere'), join(directory, 'prompt-00000001.jsonl'));
  await writeFile(join(directory, 'prompt-00000002.jsonl'), line(2, Date.UTC(2026, 0, 1)));
  const segments = await readOrphan(directory, Date.UTC(2026, 0, 2));
  expect(segments.map(({ path }) => path.slice(-10))).toEqual(['0002.jsonl']);
  expect(lines.filter(({ text }) => text.includes('symbolic link'))).toHaveLength(1);
});

test('a directory that was away between two looks counts as a new one', async () => {
  let now = 0;
  const watch = new OrphanWatch(root, () => now);
  const time = new Date();
  const makeAgain = async (): Promise<void> => {
    await mkdir(join(root, ELSEWHERE));
    await utimes(join(root, ELSEWHERE), time, time);
  };
  await makeAgain();
  expect(await watch.find()).toEqual([]);
  await rm(join(root, ELSEWHERE), { recursive: true });
  expect(await watch.find()).toEqual([]);
  await makeAgain();
  now = 200_000;
  expect(await watch.find()).toEqual([]);
  now = 400_000;
  expect(await watch.find()).toEqual([ELSEWHERE]);
});

test('a claim that fails leaves no name of this process', async () => {
  const own = (globalThis as Record<symbol, unknown>)[
    Symbol.for('opentelemetry-exporter-trubrics.spool-directories')
  ];
  const { size } = own as Set<string>;
  expect(await claim(root, 'gone', root)).toBeUndefined();
  expect((own as Set<string>).size).toBe(size);
});

test('the files of an orphan are read in the order in which they were written', async () => {
  const directory = join(root, FREE);
  await mkdir(directory);
  const numbers = [7, 12, 3, 10, 1, 9, 5, 11, 2, 8, 4, 6];
  const nameOf = (number: number): string => `prompt-${String(number).padStart(8, '0')}.jsonl`;
  for (const number of numbers) {
    const item = { json: '{}', bytes: 2, sequence: number, acceptedAtMs: Date.UTC(2026, 0, 1) };
    await writeFile(join(directory, nameOf(number)), toLine(item));
  }
  const segments = await readOrphan(directory, Date.UTC(2026, 0, 2));
  const sorted = numbers.toSorted((a, b) => a - b);
  expect(segments.map(({ path }) => path)).toEqual(sorted.map((number) => join(directory, nameOf(number))));
});
