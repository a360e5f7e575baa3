import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the trace of a call prints the size of its three legs and the files in order of first visit', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/trace-call.mjs', '--list']);

  const rows = Array.from(stdout.matchAll(/^│ (.+?) +│ (\d+) +│ (\d+) +│ (\d+) +│ (\d+) +│ (\d+) +│$/gm));
  const numbers = rows.map(([, , ...columns]) => columns.map(Number));
  expect(rows.map(([, leg]) => leg)).toEqual([
    'invoke → span ends',
    'onEnd → fetch',
    'fetch → settled',
    'all',
  ]);
  for (const [entries = 0, files = 0, folders = 0, changes = 0, returns = 0] of numbers) {
    expect(entries).toBeGreaterThan(changes);
    expect(changes - returns).toBe(files - 1);
    expect(returns).toBeGreaterThanOrEqual(0);
    expect(files).toBeGreaterThan(folders);
  }
  const [first, second, third] = numbers.map(([entries = 0]) => entries);
  expect(numbers[3]?.[0]).toBe((first ?? 0) + (second ?? 0) + (third ?? 0));
  expect(stdout).toMatch(/^invoke → span ends\nlangchain\/.*callback-handler\.ts\n/m);
  expect(stdout).toMatch(/^onEnd → fetch\notel\/processor\.ts\n/m);
  expect(stdout).toMatch(/^fetch → settled\ndelivery\//m);
});
