import { expect, test } from 'vitest';
import { parseOwnPrices, PricesError } from '../../../../src/server/insights/prices/own-prices.js';

const NOW = Date.UTC(2026, 10, 29);
const parse = (entries: unknown) => parseOwnPrices(JSON.stringify(entries));

test('the first entry that fits has the price; letters of either case are the same, and * is any text', () => {
  const prices = parse([
    { model: 'gpt-4o', provider: 'azure*', input: 2, output: 8 },
    { model: 'gpt-4o*', input: 2.5, output: 10, cache_read: 1.25, cache_write: 3 },
    { model: '*', input: 0, output: 0 },
  ]);
  expect(prices.find('GPT-4o', 'azure.ai.openai', NOW)).toMatchObject({ input: 2 });
  // An entry with a provider needs one.
  expect(prices.find('gpt-4o', undefined, NOW)).toMatchObject({ input: 2.5, cacheRead: 1.25, cacheWrite: 3 });
  expect(prices.find('gpt-4o-mini', 'openai', NOW)).toMatchObject({ output: 10 });
  expect(prices.find('anything\nelse', undefined, NOW)).toMatchObject({ input: 0, output: 0 });
});

test('a name is taken literally: a dot is a dot', () => {
  const prices = parse([{ model: 'gpt-4.1', input: 2, output: 8 }]);
  expect(prices.find('gpt-441', undefined, NOW)).toBeUndefined();
  expect(prices.find('gpt-4.1', undefined, NOW)).toBeDefined();
  expect(prices.find('gpt-4.1-mini', undefined, NOW)).toBeUndefined();
});

test('a price holds from one time until another, which is not included', () => {
  const prices = parse([
    { model: 'm', until: '2026-07-01', input: 1, output: 1 },
    { model: 'm', from: '2026-07-01', until: '2026-09-01T00:00:00+02:00', input: 2, output: 2 },
  ]);
  const inputAt = (iso: string) => prices.find('m', undefined, Date.parse(iso))?.input;
  expect(inputAt('2026-06-30T23:59:59.999Z')).toBe(1);
  expect(inputAt('2026-07-01T00:00:00Z')).toBe(2);
  expect(inputAt('2026-08-31T21:59:59Z')).toBe(2);
  expect(inputAt('2026-08-31T22:00:00Z')).toBeUndefined();
});

test('a tier changes the prices that it names', () => {
  const tiers = [{ above: 200_000, input: 2.5, output: 15 }];
  expect(
    parse([{ model: 'm', input: 1.25, output: 10, cache_read: 0.1, tiers }]).find('m', undefined, NOW),
  ).toEqual({
    input: { base: 1.25, tiers: [{ start: 200_000, price: 2.5 }] },
    output: { base: 10, tiers: [{ start: 200_000, price: 15 }] },
    cacheRead: 0.1,
    cacheWrite: undefined,
  });
});

test.each([
  ['{', /is no JSON/],
  ['{}', /must be a list/],
  ['[1]', /entry 1 must be an object/],
  ['[{"model":"m","input":1}]', /entry 1: "output" is missing/],
  ['[{"model":"m","output":1}]', /"input" is missing/],
  ['[{"input":1,"output":1}]', /"model" is missing/],
  ['[{"model":"m","input":-1,"output":1}]', /"input" is -1. It must be a number that is not negative/],
  ['[{"model":"m","input":"1","output":1}]', /"input" is "1"/],
  ['[{"model":"m","input":1,"output":1,"inptu":1}]', /unknown field "inptu". Fields are: model/],
  ['[{"model":"m","input":1,"output":1,"currency":"EUR"}]', /"currency" is "EUR". It must be "USD"/],
  ['[{"model":"m","input":1,"output":1,"from":"July"}]', /"from" is "July"/],
  ['[{"model":"m","input":1,"output":1,"from":"2026-02-30x"}]', /"from"/],
  [
    '[{"model":"m","input":1,"output":1,"from":"2026-07-01","until":"2026-07-01"}]',
    /"until" must be after "from"/,
  ],
  ['[{"model":"m","input":1,"output":1,"tiers":[{"input":2}]}]', /entry 1, tier 1: "above" is missing/],
  ['[{"model":"m","input":1,"output":1,"tiers":{}}]', /"tiers" is \{\}. It must be a list/],
])('the file %s is refused with a line that says why', (text, message) => {
  expect(() => parseOwnPrices(text)).toThrow(PricesError);
  expect(() => parseOwnPrices(text)).toThrow(message);
});
