import { expect, test } from 'vitest';
import { withoutCost } from '../../../../src/server/insights/prices/cost-properties.js';
import { parseOwnPrices } from '../../../../src/server/insights/prices/own-prices.js';
import type { OwnPricesFile } from '../../../../src/server/insights/prices/own-prices-file.js';
import { Pricing, type PricingScope } from '../../../../src/server/insights/prices/pricing.js';
import { PriceTable } from '../../../../src/server/insights/prices/price-table.js';
import { costOf } from '../../../../src/server/model/cost.js';
import type { NewRecord } from '../../../../src/server/index.js';

type Properties = NewRecord['properties'];

/** Made-up prices, so that each number below can be computed by hand. */
const TABLE = new PriceTable({
  date: '2026-09-23',
  version: '1',
  providers: [
    {
      id: 'acme',
      modelMatch: { starts_with: 'acme-' },
      models: [
        {
          match: { equals: 'acme-small' },
          periods: [{ input: 1, output: 4, cacheRead: 0.5, cacheWrite: 2 }],
        },
        {
          match: { equals: 'acme-large' },
          periods: [
            {
              input: { base: 1.25, tiers: [{ start: 200_000, price: 2.5 }] },
              output: { base: 10, tiers: [{ start: 200_000, price: 15 }] },
            },
          ],
        },
        { match: { equals: 'acme-free' }, periods: [{ input: 0, output: 0 }] },
        {
          match: { equals: 'acme-cheaper' },
          periods: [
            { input: 10, output: 10 },
            { from: '2026-06-01', input: 2, output: 2 },
          ],
        },
        // Nobody has said what its output costs.
        { match: { equals: 'acme-half' }, periods: [{ input: 3 }] },
      ],
    },
  ],
});

const OWN = parseOwnPrices(JSON.stringify([{ model: 'house-*', input: 5, output: 5 }]));

function pricingWith(own = OWN): Pricing {
  return new Pricing({
    own: { read: () => Promise.resolve(own) } as unknown as OwnPricesFile,
    table: () => Promise.resolve(TABLE),
  });
}

const COMMON = {
  id: 'r',
  userId: 'ada',
  timestamp: '2026-11-29T10:00:00.000Z',
  receivedAt: '2026-11-29T10:00:01.000Z',
  tags: [],
} as const;

function prompt(
  assistantId: string,
  properties: Properties,
  timestamp: string = COMMON.timestamp,
): NewRecord {
  return { ...COMMON, timestamp, kind: 'prompt', prompt: 'q', generation: 'a', assistantId, properties };
}

function event(name: string, properties: Properties): NewRecord {
  return { ...COMMON, kind: 'event', event: name, properties };
}

async function priced(record: NewRecord, scope?: PricingScope, own = OWN): Promise<Properties> {
  const [result = record] = await pricingWith(own).price([record], scope);
  return result.properties;
}

const TOKENS = { input_tokens: 1000, output_tokens: 100 };

test('a call gets the cost of the table, with its date', async () => {
  expect(
    await priced(prompt('acme-small', { ...TOKENS, cache_read_tokens: 400, cache_write_tokens: 100 })),
  ).toEqual({
    ...TOKENS,
    cache_read_tokens: 400,
    cache_write_tokens: 100,
    // 500 * 1 + 400 * 0.5 + 100 * 2 + 100 * 4 = 1,300 millionths.
    cost: 0.0013,
    cost_source: 'table',
    cost_table: '2026-09-23',
  });
});

test('a cost that was sent wins over own prices, and those over the table', async () => {
  const own = parseOwnPrices(JSON.stringify([{ model: 'acme-small', input: 3, output: 3 }]));
  expect(await priced(prompt('acme-small', TOKENS), 'arrival', own)).toMatchObject({
    cost: 0.0033,
    cost_source: 'own',
  });
  expect(await priced(prompt('acme-small', { ...TOKENS, cost: 0.5 }), 'arrival', own)).toEqual({
    ...TOKENS,
    cost: 0.5,
    cost_source: 'sent',
  });
});

test('a cost of 0 that was sent is a price, as is that of a free model and of a cached answer', async () => {
  expect(await priced(prompt('acme-small', { ...TOKENS, cost: 0 }))).toMatchObject({
    cost: 0,
    cost_source: 'sent',
  });
  expect(await priced(prompt('acme-free', TOKENS))).toMatchObject({ cost: 0, cost_source: 'table' });
  expect(await priced(prompt('acme-small', { ...TOKENS, cached: true }))).toMatchObject({
    cost: 0,
    cost_source: 'cache',
  });
});

test.each<[string, NewRecord]>([
  ['an unknown model', prompt('other', TOKENS)],
  ['a model of which one price is unknown', prompt('acme-half', TOKENS)],
  ['a call without usage', prompt('acme-small', {})],
  ['a call of no tokens', prompt('acme-small', { input_tokens: 0, output_tokens: 0 })],
  ['more cached tokens than input', prompt('acme-small', { ...TOKENS, cache_read_tokens: 1001 })],
  ['a negative count', prompt('acme-small', { ...TOKENS, output_tokens: -1 })],
  ['a count that is no number', prompt('acme-small', { ...TOKENS, output_tokens: 'NaN' })],
  ['a batch, for which the table has no price', prompt('acme-small', { ...TOKENS, service_tier: 'batch' })],
  ['a flexible tier', prompt('acme-small', { ...TOKENS, service_tier: 'flex' })],
])('%s is unpriced, never 0', async (_name, record) => {
  expect(await priced(record)).toEqual(record.properties);
  expect(costOf({ ...record, properties: await priced(record) })).toMatchObject({
    pricedCalls: 0,
    unpricedCalls: 1,
  });
});

test('own prices are for any tier, and the usual tier is that of the table', async () => {
  expect(await priced(prompt('house-1', { ...TOKENS, service_tier: 'flex' }))).toMatchObject({
    cost_source: 'own',
  });
  expect(await priced(prompt('acme-small', { ...TOKENS, service_tier: 'default' }))).toMatchObject({
    cost: 0.0014,
  });
});

test('a cost in another currency, or one that is not believed, is not taken for dollars', async () => {
  const euros = await priced(prompt('acme-small', { ...TOKENS, cost: 9, cost_currency: 'EUR' }));
  expect(euros).toMatchObject({ cost: 0.0014, cost_source: 'table', 'metadata.cost': 9 });
  expect(await priced(prompt('acme-small', { ...TOKENS, cost: -1 }))).toMatchObject({ cost: 0.0014 });
  expect(await priced(prompt('other', { ...TOKENS, cost: 9, cost_currency: 'EUR' }))).toEqual({
    ...TOKENS,
    cost: 9,
    cost_currency: 'EUR',
  });
  expect(await priced(prompt('other', { ...TOKENS, cost: 9, cost_currency: 'usd' }))).toMatchObject({
    cost_source: 'sent',
  });
});

test('the price is that of the time of the call, not of its arrival', async () => {
  expect(await priced(prompt('acme-cheaper', TOKENS, '2026-05-31T23:59:59.999Z'))).toMatchObject({
    cost: 0.011,
  });
  expect(await priced(prompt('acme-cheaper', TOKENS, '2026-06-01T00:00:00.000Z'))).toMatchObject({
    cost: 0.0022,
  });
});

test('the requested model has the price if the one that answered is unknown', async () => {
  expect(await priced(prompt('acme-small-2026', { ...TOKENS, request_model: 'acme-small' }))).toMatchObject({
    cost: 0.0014,
  });
});

const LARGE = { model: 'acme-large', input_tokens: 150_000, output_tokens: 0 };

test('a turn is the sum of its calls, each in its own tier', async () => {
  const turn = prompt('acme-large', {
    input_tokens: 300_000,
    output_tokens: 0,
    call_count: 2,
    calls: [LARGE, LARGE],
  });
  // A call of 300,000 tokens would cost 0.75.
  expect(await priced(turn)).toMatchObject({
    cost: 0.375,
    cost_source: 'table',
    priced_calls: 2,
    unpriced_calls: 0,
  });
});

test('a turn says what each model cost, and how many of its calls have no price', async () => {
  const calls = [
    LARGE,
    { model: 'acme-small', ...TOKENS, cache_read_tokens: 1000 },
    { model: 'other', ...TOKENS },
    { model: 'acme-small' },
    // A failed call without tokens is not paid for.
    { model: 'acme-small', error: true },
    { model: 'acme-small', ...TOKENS, cached: true },
    { model: 'other', ...TOKENS, cost: 0.25 },
  ];
  const properties = await priced(prompt('acme-large', { call_count: 7, calls }));
  expect(properties).toMatchObject({
    cost: 0.1875 + 0.0009 + 0 + 0.25,
    cost_source: 'table',
    priced_calls: 4,
    unpriced_calls: 2,
    cost_by_model: {
      'acme-large': { cost: 0.1875, priced: 1, unpriced: 0 },
      'acme-small': { cost: 0.0009, priced: 2, unpriced: 1 },
      other: { cost: 0.25, priced: 1, unpriced: 1 },
    },
  });
  expect(costOf(prompt('acme-large', properties))).toMatchObject({ pricedCalls: 4, unpricedCalls: 2 });
});

test('a turn of which no call has a price counts its calls as unpriced', async () => {
  const properties = await priced(
    prompt('other', { call_count: 2, calls: [{ model: 'other', ...TOKENS }, 'odd'] }),
  );
  expect(properties).toMatchObject({ unpriced_calls: 2 });
  expect(properties).not.toHaveProperty('cost');
  expect(costOf(prompt('other', properties))).toMatchObject({ cost: 0, pricedCalls: 0, unpricedCalls: 2 });
});

test('a turn whose calls are not listed is priced only where sums of tokens are enough', async () => {
  const sums = { input_tokens: 300_000, output_tokens: 0, call_count: 2 };
  expect(await priced(prompt('acme-small', { ...sums, models: ['acme-small'] }))).toMatchObject({
    cost: 0.3,
    priced_calls: 2,
  });
  for (const record of [
    prompt('acme-large', { ...sums, models: ['acme-large'] }),
    prompt('acme-small', { ...sums, models: ['acme-small', 'acme-large'] }),
  ])
    expect(costOf({ ...record, properties: await priced(record) })).toMatchObject({
      pricedCalls: 0,
      unpricedCalls: 2,
    });
});

test('a call within a turn has its cost, which does not count again', async () => {
  const call = event('LLM call', { ...TOKENS, model: 'acme-small', turn_id: 't' });
  const properties = await priced(call);
  expect(properties).toMatchObject({ cost: 0.0014 });
  expect(costOf({ ...call, properties })).toMatchObject({ cost: 0, pricedCalls: 0, unpricedCalls: 0 });
});

test('an event of the application has no cost, whatever its properties', async () => {
  const checkout = event('Checkout', { cost: 99, model: 'acme-small', ...TOKENS });
  expect(await priced(checkout)).toBe(checkout.properties);
});

test('a failed call with tokens is priced, and one without is nothing to be paid for', async () => {
  const failed = event('LLM error', { model: 'acme-small', error_type: 'Timeout', ...TOKENS });
  expect(await priced(failed)).toMatchObject({ cost: 0.0014 });
  const refused = event('LLM error', { model: 'acme-small', error_type: 'RateLimit' });
  expect(await priced(refused)).toBe(refused.properties);
});

test('a cost that a server computed earlier stays; gaps are filled, and all only when told so', async () => {
  const cheaper = parseOwnPrices(JSON.stringify([{ model: '*', input: 1, output: 1 }]));
  const earlier = prompt('acme-small', await priced(prompt('acme-small', TOKENS)));
  const later = async (record: NewRecord, scope: PricingScope) => priced(record, scope, cheaper);
  expect(await later(earlier, 'arrival')).toBe(earlier.properties);
  expect(await later(earlier, 'gaps')).toBe(earlier.properties);
  expect(await later(earlier, 'all')).toEqual({ ...TOKENS, cost: 0.0011, cost_source: 'own' });
  const sent = prompt('acme-small', await priced(prompt('acme-small', { ...TOKENS, cost: 0.5 })));
  expect(await later(sent, 'all')).toBe(sent.properties);
  const gap = prompt('other', await priced(prompt('other', TOKENS)));
  expect(await later(gap, 'gaps')).toMatchObject({ cost: 0.0011, cost_source: 'own' });
});

test('a turn with unpriced calls is a gap, and stays as it is if no more of them get a price', async () => {
  const calls = [
    { model: 'acme-small', ...TOKENS },
    { model: 'other', ...TOKENS },
  ];
  const turn = prompt('acme-small', await priced(prompt('acme-small', { call_count: 2, calls })));
  expect(turn.properties).toMatchObject({ priced_calls: 1, unpriced_calls: 1 });
  expect(await priced(turn, 'gaps')).toBe(turn.properties);
  const known = parseOwnPrices(JSON.stringify([{ model: 'other', input: 1, output: 1 }]));
  expect(await priced(turn, 'gaps', known)).toMatchObject({
    priced_calls: 2,
    unpriced_calls: 0,
    cost: 0.0014 + 0.0011,
  });
});

test('a record without its cost is as it was sent', async () => {
  for (const sent of [
    TOKENS,
    { ...TOKENS, cost: 0.5 },
    { ...TOKENS, cost: 9, cost_currency: 'EUR' },
    { ...TOKENS, cost: 0.5, 'metadata.cost': 'of the application' },
    { ...TOKENS, call_count: 2, calls: [LARGE, LARGE] },
    { ...TOKENS, cost: 'unknown' },
  ] satisfies Properties[])
    expect(withoutCost({ properties: await priced(prompt('acme-small', sent)) })).toEqual(sent);
});
