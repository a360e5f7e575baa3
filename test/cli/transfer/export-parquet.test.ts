import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { expect, onTestFinished, test } from 'vitest';
import { readExportOptions } from '../../../src/cli/transfer/export-options.js';
import { post, prompt } from '../../support/server-requests.js';
import { useFolder } from '../../support/use-folder.js';
import { useServer } from '../../support/use-server.js';
import { buildCli, run } from '../helpers.js';

const record = (id: string, text = 'question'): object =>
  prompt({ user_id: id, prompt: text, properties: { $event_id: id } });

async function rowsIn(path: string): Promise<readonly Record<string, unknown>[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(path) });
}

test('the command writes Parquet, all records and then what has changed', async () => {
  const server = await useServer();
  const folder = await useFolder();
  const cli = await buildCli();
  onTestFinished(cli.remove);
  await post(server, [record('a'), record('b')]);
  const exported = (name: string, ...args: readonly string[]) =>
    run(cli.file, ['export', '--from', server.url, '--format', 'parquet', '-o', join(folder, name), ...args])
      .ended;

  expect(await exported('all.parquet')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('2 records'),
  });
  const lines = await (await fetch(`${server.url}/api/export`)).text();
  expect(
    (await rowsIn(join(folder, 'all.parquet'))).map(({ id, prompt: text }) => ({ id, prompt: text })),
  ).toEqual(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; prompt: string })
      .map(({ id, prompt: text }) => ({ id, prompt: text })),
  );

  const cursor = ['--cursor-file', join(folder, 'cursor.json')];
  expect((await exported('0.parquet', ...cursor)).code).toBe(0);
  await fetch(`${server.url}/api/records/a`, { method: 'DELETE' });
  await post(server, [record('b', 'another'), record('c')]);
  expect((await exported('1.parquet', ...cursor)).code).toBe(0);
  expect(
    (await rowsIn(join(folder, '1.parquet'))).map(({ change, id, prompt: text }) => [change, id, text]),
  ).toEqual([
    ['remove', 'a', null],
    ['put', 'b', 'another'],
    ['put', 'c', 'question'],
  ]);

  expect(readFileSync(join(folder, 'all.parquet')).subarray(0, 4).toString()).toBe('PAR1');
  expect(readdirSync(folder).filter((name) => /part/.test(name))).toEqual([]);
}, 60_000);

test('Parquet needs a file, with which an export of changes goes on as well', () => {
  expect(() => readExportOptions(['--format', 'parquet'])).toThrow(
    '--format parquet needs a file: --output FILE',
  );
  expect(() => readExportOptions(['--format', 'parquet', '-o', '-'])).toThrow('needs a file');
  expect(() => readExportOptions(['--format', 'xml'])).toThrow('jsonl, csv or parquet');
  expect(() => readExportOptions(['--format', 'csv', '--cursor-file', 'c'])).toThrow('jsonl or parquet');
  expect(readExportOptions(['--format', 'parquet', '-o', 'f', '--cursor-file', 'c'])).toMatchObject({
    format: 'parquet',
    cursorFile: 'c',
  });
});
