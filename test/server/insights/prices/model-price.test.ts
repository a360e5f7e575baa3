import { expect, test } from 'vitest';
import { readCallUsage } from '../../../../src/server/insights/prices/call-usage.js';
import { costOfUsage, isLinear } from '../../../../src/server/insights/prices/model-price.js';

const usage = (input: number, output: number, cacheRead = 0, cacheWrite = 0) => ({
  input,
  output,
  cacheRead,
  cacheWrite,
});

test('cached tokens have prices of their own, and are no part of the input at its price', () => {
  const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
  // (10,000 - 6,000 - 1,000) * 3 + 6,000 * 0.3 + 1,000 * 3.75 + 500 * 15 = 9,000 + 1,800 + 3,750 + 7,500 millionths.
  expect(costOfUsage(usage(10_000, 500, 6_000, 1_000), price)).toBe(0.022_05);
  // All of it is cached.
  expect(costOfUsage(usage(1_000, 0, 1_000), price)).toBe(0.000_3);
});

test('cached tokens cost what input costs where no price of theirs is known', () => {
  expect(costOfUsage(usage(1_000, 0, 600, 400), { input: 2, output: 8 })).toBe(0.002);
});

test('the tier is that of the input of the call, cached tokens included, for all of its tokens', () => {
  const price = {
    input: { base: 1.25, tiers: [{ start: 200_000, price: 2.5 }] },
    output: { base: 10, tiers: [{ start: 200_000, price: 15 }] },
    cacheRead: { base: 0.125, tiers: [{ start: 200_000, price: 0.25 }] },
  };
  expect(costOfUsage(usage(200_000, 0), price)).toBe(0.25);
  expect(costOfUsage(usage(200_001, 0), price)).toBe(0.500_002_5);
  expect(costOfUsage(usage(300_000, 1_000, 250_000), price)).toBe(0.125 + 0.0625 + 0.015);
  // Two calls of 150,000 tokens: 0.375 together, and not the 0.75 of a call of 300,000.
  expect(2 * costOfUsage(usage(150_000, 0), price)).toBe(0.375);
  expect(isLinear(price)).toBe(false);
});

test('tiers may come in any order', () => {
  const tiers = [
    { start: 500_000, price: 4 },
    { start: 100_000, price: 2 },
  ];
  const price = { input: { base: 1, tiers }, output: 0 };
  expect([50_000, 200_000, 600_000].map((input) => costOfUsage(usage(input, 0), price))).toEqual([
    0.05, 0.4, 2.4,
  ]);
});

test('one token of a cheap model has a cost, and a free model costs 0', () => {
  expect(costOfUsage(usage(1, 0), { input: 0.02, output: 0.02 })).toBe(0.000_000_02);
  expect(costOfUsage(usage(1_000, 1_000), { input: 0, output: 0 })).toBe(0);
});

test('a cost has nine digits, and each price that depends on the size of a call makes sums of tokens useless', () => {
  expect(costOfUsage(usage(3, 0), { input: 0.000_333, output: 1 })).toBe(1e-9);
  expect(costOfUsage(usage(1, 0), { input: 0.000_4, output: 1 })).toBe(0);
  const tiered = { base: 1, tiers: [{ start: 10, price: 2 }] };
  expect(isLinear({ input: 1, output: 1, cacheRead: 1 })).toBe(true);
  for (const name of ['input', 'output', 'cacheRead', 'cacheWrite'])
    expect(isLinear({ input: 1, output: 1, [name]: tiered })).toBe(false);
});

test.each([
  ['no usage', {}],
  ['zero tokens', { input_tokens: 0, output_tokens: 0 }],
  ['more cached tokens than input', { input_tokens: 10, output_tokens: 1, cache_read_tokens: 11 }],
  [
    'more cached tokens in all than input',
    { input_tokens: 10, output_tokens: 1, cache_read_tokens: 6, cache_write_tokens: 5 },
  ],
  ['NaN', { input_tokens: Number.NaN, output_tokens: 1 }],
  ['a text that is no number', { input_tokens: 'many', output_tokens: 1 }],
  ['a negative count', { input_tokens: -1, output_tokens: 1 }],
  ['a negative count of cached tokens', { input_tokens: 5, output_tokens: 1, cache_read_tokens: -1 }],
  ['cached tokens that are no number', { input_tokens: 5, output_tokens: 1, cache_write_tokens: 'NaN' }],
  ['an endless count', { input_tokens: Infinity, output_tokens: 1 }],
  ['more than is believed', { input_tokens: 1e12, output_tokens: 1 }],
  ['input alone', { input_tokens: 5 }],
  ['output alone', { output_tokens: 5 }],
  ['a total alone', { total_tokens: 5 }],
  ['a total below its part', { input_tokens: 5, total_tokens: 4 }],
  ['a boolean', { input_tokens: true, output_tokens: 1 }],
])('%s is no usage that can be priced', (_name, fields) => {
  expect(readCallUsage(fields)).toBeUndefined();
});

test('usage may be text, and the total tells what is missing', () => {
  expect(readCallUsage({ input_tokens: '12', output_tokens: '3' })).toEqual(usage(12, 3));
  expect(readCallUsage({ input_tokens: 12, total_tokens: 15 })).toEqual(usage(12, 3));
  expect(readCallUsage({ output_tokens: 3, total_tokens: 15, cache_read_tokens: null })).toEqual(
    usage(12, 3),
  );
  expect(readCallUsage({ input_tokens: 12, output_tokens: 0 })).toEqual(usage(12, 0));
});
