import { expect, test } from 'vitest';
import { loadPriceTable, parsePriceTable } from '../../../../src/server/insights/prices/load-price-table.js';
import { costOfUsage } from '../../../../src/server/insights/prices/model-price.js';
import { PriceTable, type TableModel } from '../../../../src/server/insights/prices/price-table.js';
import { PRICE_TABLE_GZIP } from '../../../../src/server/insights/prices/table/price-table-data.js';

const NOW = Date.UTC(2026, 10, 29);
const table = await loadPriceTable();

/** Input and output of a model, in dollars for a million tokens of each. */
function pricesOf(model: string, provider?: string, at = NOW): readonly (number | undefined)[] {
  const price = table.find(model, provider, () => at);
  const costOf = (input: number, output: number): number | undefined =>
    price && costOfUsage({ input, output, cacheRead: 0, cacheWrite: 0 }, price) * 1000;
  return [costOf(1000, 0), costOf(0, 1000)];
}

test('the table knows the usual models, under the names that providers and dialects give them', () => {
  expect(pricesOf('gpt-4o-mini', 'openai')).toEqual([0.15, 0.6]);
  expect(pricesOf('gpt-4o-mini-2024-07-18')).toEqual([0.15, 0.6]);
  expect(pricesOf('GPT-4o-mini', 'azure.ai.openai')).toEqual([0.15, 0.6]);
  expect(pricesOf('openai/gpt-4o-mini', 'litellm')).toEqual([0.15, 0.6]);
  expect(pricesOf('gpt-4o-mini-20240718', 'openai')).toEqual([0.15, 0.6]);
  expect(pricesOf('claude-3-5-sonnet-20241022', 'anthropic')).toEqual([3, 15]);
  expect(pricesOf('anthropic/claude-3-5-sonnet-latest')).toEqual([3, 15]);
  expect(pricesOf('anthropic.claude-3-5-sonnet-20240620-v1:0', 'aws.bedrock')).toEqual([3, 15]);
  expect(pricesOf('us.anthropic.claude-3-5-sonnet-20240620-v1:0', 'aws.bedrock')).toEqual([3, 15]);
  expect(pricesOf('models/gemini-2.0-flash', 'gcp.gemini')).toEqual(
    pricesOf('gemini-2.0-flash', 'gcp.vertex_ai'),
  );
  expect(pricesOf('gemini-2.0-flash')).toEqual([0.1, 0.4]);
});

test.each([
  ['a model that nobody knows', 'my-own-model', 'openai'],
  ['a model of this name on one’s own machine', 'gpt-4o', 'ollama'],
  ['a model that its provider does not have', 'claude-3-5-sonnet', 'openai'],
  ['a model without a name', '', undefined],
  ['a name that no provider has to itself', 'llama-3.3-70b-versatile', undefined],
])('%s has no price', (_name, model, provider) => {
  expect(table.find(model, provider, () => NOW)).toBeUndefined();
});

test('tiers are those of the providers', () => {
  const price = table.find('gemini-2.5-pro', 'gcp.gemini', () => NOW);
  const costOf = (input: number) =>
    price && costOfUsage({ input, output: 0, cacheRead: 0, cacheWrite: 0 }, price);
  expect([costOf(150_000), costOf(300_000)]).toEqual([0.1875, 0.75]);
});

test('a price holds from its day on, and the first one before', () => {
  // OpenAI lowered o3 on 10 June 2025.
  expect(pricesOf('o3', 'openai', Date.UTC(2025, 5, 9, 23, 59))).toEqual([10, 40]);
  expect(pricesOf('o3', 'openai', Date.UTC(2025, 5, 10))).toEqual([2, 8]);
});

test('a price of some hours of the day holds in them alone, also over midnight', () => {
  const model = (daily: readonly [string, string]): TableModel => ({
    match: { equals: 'm' },
    periods: [
      { input: 1, output: 1 },
      { daily, input: 2, output: 2 },
    ],
  });
  const priceAt = (daily: readonly [string, string], hour: number) =>
    new PriceTable({
      date: '2026-01-01',
      version: '1',
      providers: [{ id: 'p', models: [model(daily)] }],
    }).find('m', 'p', () => Date.UTC(2026, 0, 5, hour, 30))?.input;
  expect([0, 1, 15, 16].map((hour) => priceAt(['00:30:00Z', '16:00:00Z'], hour))).toEqual([2, 2, 2, 1]);
  expect([15, 16, 23, 0, 1].map((hour) => priceAt(['16:30:00Z', '00:30:00Z'], hour))).toEqual([
    1, 2, 2, 1, 1,
  ]);
});

test('every price of the table is a number that is not negative, and its tiers ascend', () => {
  const data = parsePriceTable(PRICE_TABLE_GZIP);
  const periods = data.providers.flatMap(({ models }) => models.flatMap((model) => model.periods));
  const rates = periods.flatMap(({ input, output, cacheRead, cacheWrite }) =>
    [input, output, cacheRead, cacheWrite].filter((rate) => rate !== undefined),
  );
  const prices = rates.flatMap((rate) =>
    typeof rate === 'number' ? [rate] : [rate.base, ...rate.tiers.map(({ price }) => price)],
  );
  expect(prices.length).toBeGreaterThan(3000);
  expect(prices.filter((price) => !(price >= 0 && price < 1000))).toEqual([]);
  const starts = rates.flatMap((rate) =>
    typeof rate === 'number' ? [] : [rate.tiers.map(({ start }) => start)],
  );
  expect(starts.every((list) => list.every((start) => start > 0))).toBe(true);
  expect(data.date).toBe(table.date);
});
