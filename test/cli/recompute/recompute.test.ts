import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { recomputeCommand } from '../../../src/cli/recompute/recompute-command.js';
import { readRecomputeOptions } from '../../../src/cli/recompute/recompute-options.js';
import type { Statistics } from '../../../src/server/index.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { useFolder } from '../../support/use-folder.js';
import { useServer } from '../../support/use-server.js';

const PER_REQUEST = 100;
const COUNT = 1_100;

const record = (i: number, model: string, properties: object = {}) =>
  prompt({
    assistant_id: model,
    timestamp: new Date(Date.UTC(2026, 5, 1) + i * 1000).toISOString(),
    properties: { $event_id: `${model}-${i}`, input_tokens: 1_000, output_tokens: 0, ...properties },
  });

/** Runs the command, and returns what it prints. */
async function run(...args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => printed.push(String(text)) > 0);
  try {
    await recomputeCommand(args);
  } finally {
    write.mockRestore();
  }
  return printed.join('');
}

/** A server with a file, records of three kinds, and own prices that came later. */
async function usePricedLater() {
  const file = join(await useFolder(), 'records.jsonl');
  const prices = join(await useFolder(), 'prices.json');
  const before = await useServer({ file });
  for (let i = 0; i < COUNT; i += PER_REQUEST)
    await post(
      before,
      Array.from({ length: PER_REQUEST }, (_, n) => record(i + n, 'house')),
    );
  await post(before, [record(0, 'gpt-4o-mini', { provider: 'openai' }), record(1, 'sent', { cost: 0.5 })]);
  await before.close();
  writeFileSync(prices, JSON.stringify([{ model: '*', input: 1, output: 1 }]));
  return useServer({ file, prices });
}

const costs = async (server: Awaited<ReturnType<typeof useServer>>) => {
  const { cost, pricedCalls, unpricedCalls } = await getJson<Statistics>(server, '/api/stats');
  return [cost, pricedCalls, unpricedCalls];
};

test('gaps are filled in all batches, and what has a cost keeps it', async () => {
  const server = await usePricedLater();
  expect(await costs(server)).toEqual([0.500_15, 2, COUNT]);
  expect(await run('--to', server.url, '--dry-run')).toBe(
    `1,100 of 1,102 records would change
  before  $0.500150 for 2 calls, 1,100 unpriced
  after   $1.600150 for 1,102 calls, 0 unpriced
`,
  );
  expect(await costs(server)).toEqual([0.500_15, 2, COUNT]);
  expect(await run('--to', server.url)).toContain('1,100 of 1,102 records have changed');
  expect(await costs(server)).toEqual([1.600_15, COUNT + 2, 0]);
  expect(server.records()).toHaveLength(COUNT + 2);
  // Repeated, it finds nothing.
  expect(await run('--to', server.url)).toContain('0 of 1,102 records have changed');
});

test('with --all, computed costs are replaced as well, and those that were sent stay', async () => {
  const server = await usePricedLater();
  expect(await run('--to', `${server.url}/overview`, '--all')).toContain(
    '1,101 of 1,102 records have changed',
  );
  expect(await costs(server)).toEqual([1.601, COUNT + 2, 0]);
  expect(server.records().find(({ id }) => id === 'sent-1')?.properties).toMatchObject({
    cost: 0.5,
    cost_source: 'sent',
  });
});

test('--since leaves older records as they are', async () => {
  const server = await usePricedLater();
  await run('--to', server.url, '--since', new Date(Date.UTC(2026, 5, 1) + 1_000_000).toISOString());
  expect(await costs(server)).toEqual([0.600_15, 102, 1_000]);
});

test('what is wrong is said in a line', async () => {
  const server = await useServer({ token: 'secret' });
  await expect(run('--to', 'nowhere')).rejects.toThrow('--to must be the address of a server');
  await expect(run('--to', server.url)).rejects.toThrow(`${server.url} answers 401: set TRUBRICS_TOKEN`);
  await expect(run('--unknown')).rejects.toThrow(/unknown/i);
  const open = await useServer();
  await expect(run('--to', open.url, '--since', 'yesterday')).rejects.toThrow(/answers 400: .*since/);
  await open.close();
  await expect(run('--to', open.url)).rejects.toThrow(/does not answer \(ECONNREFUSED\)/);
  expect(await run('--help')).toContain('Without --all');
});

test('a project and its token come from the options and the environment', () => {
  const options = readRecomputeOptions(['--project', 'shop', '--all'], {
    TRUBRICS_HOST: 'http://127.0.0.1:9/tools/api/ingestion',
    TRUBRICS_TOKEN: 'abc',
  });
  expect(options).toMatchObject({ base: 'http://127.0.0.1:9/tools/p/shop', token: 'abc', isDryRun: false });
  expect(options.params.toString()).toBe('scope=all&dry=false');
});
