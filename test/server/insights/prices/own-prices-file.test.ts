import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OwnPricesFile } from '../../../../src/server/insights/prices/own-prices-file.js';
import { useFolder } from '../../../support/use-folder.js';

const NOW = Date.UTC(2026, 10, 29);
const priced = (input: number): string => JSON.stringify([{ model: 'm', input, output: 1 }]);

/** A file of prices at a time that is set by hand. `input()` is the price of now. */
async function useFile(text: string) {
  const path = join(await useFolder(), 'prices.json');
  writeFileSync(path, text);
  const clock = { now: 0 };
  const problems: string[] = [];
  const file = new OwnPricesFile({
    path,
    now: () => clock.now,
    onProblem: (problem) => problems.push(problem),
  });
  const input = async () => (await file.read()).find('m', undefined, NOW)?.input;
  return { path, clock, problems, file, input };
}

test('a file is looked at every two seconds, and not before', async () => {
  const { path, clock, file, input } = await useFile(priced(1));
  await file.open();
  writeFileSync(path, priced(22));
  clock.now = 1_999;
  expect(await input()).toBe(1);
  clock.now = 2_000;
  expect(await input()).toBe(22);
  writeFileSync(path, priced(333));
  clock.now = 3_999;
  expect(await input()).toBe(22);
  clock.now = 4_000;
  expect(await input()).toBe(333);
});

test('whoever asks during a look waits for it, and it is one look', async () => {
  const { path, clock, problems, file, input } = await useFile(priced(1));
  await file.open();
  writeFileSync(path, '[');
  clock.now = 2_000;
  expect(await Promise.all([input(), input(), input()])).toEqual([1, 1, 1]);
  expect(problems).toHaveLength(1);
  writeFileSync(path, priced(22));
  clock.now = 4_000;
  expect(await Promise.all([input(), input()])).toEqual([22, 22]);
});

test.each<[string, (path: string) => void]>([
  ['longer', (path) => writeFileSync(path, `${priced(5)} `)],
  ['as long, at another time', (path) => writeFileSync(path, priced(5))],
  [
    'as long and as old, by a rename',
    (path) => {
      const { atimeMs, mtimeMs } = statSync(path);
      writeFileSync(`${path}.new`, priced(5));
      utimesSync(`${path}.new`, atimeMs / 1000, mtimeMs / 1000);
      renameSync(`${path}.new`, path);
    },
  ],
])('a file that is %s is read', async (_name, change) => {
  const { path, clock, file, input } = await useFile(priced(1));
  // A time without fractions of a millisecond, which can be set again.
  utimesSync(path, 1_000, 1_000);
  await file.open();
  change(path);
  clock.now = 2_000;
  expect(await input()).toBe(5);
});

test('a file that is as old and has another length is read', async () => {
  const { path, clock, file, input } = await useFile(priced(1));
  utimesSync(path, 1_000, 1_000);
  await file.open();
  writeFileSync(path, priced(25));
  utimesSync(path, 1_000, 1_000);
  clock.now = 2_000;
  expect(await input()).toBe(25);
});

test('a file that stays as it is is not read again', async () => {
  const { path, clock, problems, file, input } = await useFile(priced(1));
  utimesSync(path, 1_000, 1_000);
  await file.open();
  const { ino } = statSync(path);
  // The same by its time, its length and its place: whoever reads it would see the difference.
  writeFileSync(path, priced(1).replace('1', '9').replace('"m"', '"n"'));
  utimesSync(path, 1_000, 1_000);
  expect([statSync(path).ino, readFileSync(path, 'utf8').length]).toEqual([ino, priced(1).length]);
  for (clock.now = 2_000; clock.now < 10_000; clock.now += 2_000) expect(await input()).toBe(1);
  expect(problems).toEqual([]);
});

test('what is wrong with a file is told once, however often it is looked at', async () => {
  const { path, clock, problems, file, input } = await useFile(priced(1));
  await file.open();
  writeFileSync(path, '[{}]');
  for (clock.now = 2_000; clock.now < 10_000; clock.now += 2_000) expect(await input()).toBe(1);
  expect(problems).toEqual([
    `The file of prices ${path} entry 1: "model" is missing. It must be a name, in which * is any text`,
  ]);
});

test('a file that was not opened is read when its prices are asked for', async () => {
  const { input } = await useFile(priced(1));
  expect(await input()).toBe(1);
});

test('a changed file is read again, and one that became wrong keeps the prices of before', async () => {
  const path = join(await useFolder(), 'prices.json');
  const write = (text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  let now = 0;
  const problems: string[] = [];
  const file = new OwnPricesFile({ path, now: () => now, onProblem: (problem) => problems.push(problem) });
  const inputPrice = async () => {
    now += 2_000;
    return (await file.read()).find('m', undefined, NOW)?.input;
  };
  await expect(file.open()).rejects.toThrow(`Cannot read the file of prices ${path} (ENOENT)`);
  write('\uFEFF[{"model":"m","input":1,"output":1}]');
  await file.open();
  expect(await inputPrice()).toBe(1);
  write('[{"model":"m","input":22,"output":1}]');
  expect(await inputPrice()).toBe(22);
  write('[{"model":"m","input":-1,"output":1}]');
  expect(await inputPrice()).toBe(22);
  rmSync(path);
  expect(await inputPrice()).toBe(22);
  // Each change is told once.
  expect(await inputPrice()).toBe(22);
  expect(problems).toEqual([
    expect.stringContaining('entry 1: "input" is -1'),
    `Cannot read the file of prices ${path} (ENOENT)`,
  ]);
  write('[{"model":"m","input":333,"output":1}]');
  expect(await inputPrice()).toBe(333);
});
