import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Statistics } from '../../../../src/server/index.js';
import { makeChatSpan } from '../../../support/span.js';
import { protobufRequest } from '../../../support/otlp-encoder.js';
import { getJson, post, prompt } from '../../../support/server-requests.js';
import { useFolder } from '../../../support/use-folder.js';
import { useServer } from '../../../support/use-server.js';

const CALL = {
  assistant_id: 'gpt-4o-mini',
  timestamp: '2026-11-01T10:00:00.000Z',
  properties: { $event_id: 'a', provider: 'openai', input_tokens: 1000, output_tokens: 100 },
};

test('a record of the ingestion API has its cost when it is stored, and is forwarded as it came', async () => {
  const host = await useServer({ prices: await pricesFile([{ model: '*', input: 100, output: 100 }]) });
  const server = await useServer({ forwardTo: { host: host.ingestionUrl, apiKey: 'real' } });
  await post(server, [prompt(CALL)]);
  // 1,000 * 0.15 + 100 * 0.60 = 210 millionths.
  expect(server.records()[0]?.properties).toMatchObject({ cost: 0.000_21, cost_source: 'table' });
  const { cost, pricedCalls, unpricedCalls } = await getJson<Statistics>(server, '/api/stats');
  expect([cost, pricedCalls, unpricedCalls]).toEqual([0.000_21, 1, 0]);
  await server.close();
  // The other host has prices of its own, and was not told those of this one.
  expect(host.records()[0]?.properties).toMatchObject({ cost: 0.11, cost_source: 'own' });
  expect(host.records()[0]?.properties).not.toHaveProperty('cost_table');
});

test('a record of spans has its cost when it is stored', async () => {
  const server = await useServer();
  const span = makeChatSpan({
    attributes: {
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.response.model': 'claude-3-5-haiku-20241022',
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 100,
      'gen_ai.usage.cache_read.input_tokens': 500,
    },
  });
  const response = await fetch(server.tracesUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: protobufRequest([span]),
  });
  expect(response.status).toBe(200);
  // 500 * 0.80 + 500 * 0.08 + 100 * 4 = 840 millionths.
  expect(server.records()[0]?.properties).toMatchObject({ cost: 0.000_84, cost_source: 'table' });
});

test('a repeated delivery keeps what the record cost when it arrived', async () => {
  const path = await pricesFile([{ model: '*', input: 1, output: 1 }]);
  const file = join(await useFolder(), 'records.jsonl');
  const first = await useServer({ prices: path, file });
  await post(first, [prompt(CALL)]);
  await first.close();
  const second = await useServer({ file });
  await post(second, [prompt(CALL)]);
  expect(second.records()[0]?.properties).toMatchObject({ cost: 0.0011, cost_source: 'own' });
  // Another record under the same id is priced anew.
  await post(second, [prompt({ ...CALL, properties: { ...CALL.properties, input_tokens: 2000 } })]);
  expect(second.records()[0]?.properties).toMatchObject({ cost: 0.000_36, cost_source: 'table' });
});

test('an imported record keeps the cost that another server computed', async () => {
  const source = await useServer({ prices: await pricesFile([{ model: '*', input: 1, output: 1 }]) });
  await post(source, [prompt(CALL)]);
  const target = await useServer();
  await post(target, source.records(), {}, 'import_records');
  expect(target.records()[0]?.properties).toMatchObject({ cost: 0.0011, cost_source: 'own' });
});

test('a file of prices that is wrong ends the start with a line that says what and where', async () => {
  const path = await pricesFile([{ model: 'm', input: 1 }]);
  await expect(useServer({ prices: path })).rejects.toThrow(
    `The file of prices ${path} entry 1: "output" is missing`,
  );
});

async function pricesFile(entries: unknown): Promise<string> {
  const path = join(await useFolder(), 'prices.json');
  writeFileSync(path, JSON.stringify(entries));
  return path;
}
