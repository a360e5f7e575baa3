import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plausibleTime, surveyFile } from '../../../src/node/spool/file-survey.js';
import { toLine } from '../../../src/node/spool/line.js';
import { useFolder } from '../../support/use-folder.js';

const T0 = Date.UTC(2026, 0, 1);

/** Writes a file of lines that were accepted a second apart, and surveys it. */
async function survey({ lines = 3, finished = '', tail = '', nowMs = T0 + 60_000 }) {
  const path = join(await useFolder(), 'prompt-00000001.jsonl');
  const written = Array.from({ length: lines }, (_, index) =>
    toLine({ json: `{"i":${index}}`, bytes: 7, sequence: index, acceptedAtMs: T0 + index * 1_000 }),
  );
  await writeFile(path, written.join('') + tail);
  if (finished !== '') await writeFile(`${path}.done`, finished);
  const sizes = written.map((line) => Buffer.byteLength(line));
  return { found: await surveyFile(path, nowMs), sizeOf: (count: number) => sum(sizes.slice(0, count)) };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

test('a file has its lines, its size, and the time of its last line', async () => {
  const { found, sizeOf } = await survey({});
  expect(found).toEqual({
    size: sizeOf(3),
    lines: 3,
    finished: { lines: 0, bytes: 0 },
    lastAcceptedAtMs: T0 + 2_000,
  });
});

test.each([1, 2, 3])('%d finished lines end where the next line begins', async (count) => {
  const { found, sizeOf } = await survey({ finished: String(count) });
  expect(found.finished).toEqual({ lines: count, bytes: sizeOf(count) });
});

test('no more lines are finished than there are, and a damaged note says none', async () => {
  const { found, sizeOf } = await survey({ finished: '9' });
  expect(found.finished).toEqual({ lines: 3, bytes: sizeOf(3) });
  expect((await survey({ finished: '2x' })).found.finished.lines).toBe(0);
});

test('a torn line at the end counts as bytes alone', async () => {
  const { found, sizeOf } = await survey({ tail: '{"v":1' });
  expect(found).toMatchObject({ size: sizeOf(3) + 6, lines: 3, lastAcceptedAtMs: T0 + 2_000 });
});

test('a file without a readable last line was accepted now', async () => {
  expect((await survey({ tail: 'damaged\n' })).found).toMatchObject({
    lines: 4,
    lastAcceptedAtMs: T0 + 60_000,
  });
  expect((await survey({ lines: 0 })).found).toMatchObject({ lines: 0, lastAcceptedAtMs: T0 + 60_000 });
});

test('a file whose last line lies in the future was accepted now', async () => {
  expect((await survey({ nowMs: T0 + 500 })).found.lastAcceptedAtMs).toBe(T0 + 500);
});

test('a time is plausible from 2024 until now', () => {
  const earliest = Date.UTC(2024, 0);
  const times = [undefined, 0, earliest - 1, earliest, T0 - 1, T0, T0 + 1];
  expect(times.map((time) => plausibleTime(time, T0))).toEqual([T0, T0, T0, earliest, T0 - 1, T0, T0]);
});

test('a file that is gone cannot be surveyed', async () => {
  await expect(surveyFile(join(await useFolder(), 'gone'), T0)).rejects.toThrow('ENOENT');
});
