import { expect, test } from 'vitest';
import { withCost, withoutCost } from '../../../../src/server/insights/prices/cost-properties.js';
import { parseOwnPrices } from '../../../../src/server/insights/prices/own-prices.js';
import type { OwnPricesFile } from '../../../../src/server/insights/prices/own-prices-file.js';
import { priceRecord } from '../../../../src/server/insights/prices/price-record.js';
import { PriceTable } from '../../../../src/server/insights/prices/price-table.js';
import { Pricing } from '../../../../src/server/insights/prices/pricing.js';
import type { NewRecord } from '../../../../src/server/index.js';

type Properties = NewRecord['properties'];
type OwnEntries = readonly Readonly<Record<string, string | number>>[];

const TABLE = new PriceTable({
  date: '2026-09-23',
  version: '1',
  providers: [
    {
      id: 'acme',
      modelMatch: { starts_with: 'acme-' },
      models: [
        {
          match: { starts_with: 'acme-' },
          periods: [
            { input: 1, output: 1 },
            { from: '2026-06-01', input: 2, output: 2 },
          ],
        },
      ],
    },
  ],
});

const TOKENS = { input_tokens: 1000, output_tokens: 0 };
/** At the later price of the table. */
const PRICE = 0.002;

function prompt(
  properties: Properties,
  fields: Partial<NewRecord & { assistantId: string }> = {},
): NewRecord {
  const timestamp = '2026-11-29T10:00:00.000Z';
  const base = { id: 'r', userId: 'ada', timestamp, receivedAt: timestamp, tags: [], properties };
  return {
    ...base,
    kind: 'prompt',
    prompt: 'q',
    generation: 'a',
    assistantId: 'acme-1',
    ...fields,
  } as NewRecord;
}

const own = (entries: OwnEntries) => parseOwnPrices(JSON.stringify(entries));
const costsOf = (record: NewRecord, entries: OwnEntries = []): Properties =>
  priceRecord(record, { own: own(entries), table: TABLE });

const call = (fields: Readonly<Record<string, string | number | boolean | null>> = {}) => ({
  model: 'acme-1',
  ...TOKENS,
  ...fields,
});

test('a turn of one model says nothing by model, and calls that a long list leaves out have no price', () => {
  const counts = (priced: number, unpriced: number) => ({
    cost: PRICE * 2,
    cost_source: 'table',
    cost_table: '2026-09-23',
    priced_calls: priced,
    unpriced_calls: unpriced,
  });
  expect(costsOf(prompt({ call_count: 5, calls: [call(), call()] }))).toEqual(counts(2, 3));
  expect(costsOf(prompt({ call_count: 1, calls: [call(), call()] }))).toEqual(counts(2, 0));
});

test('a cost that was sent for a turn is that of all of its calls, listed or not', () => {
  const sent = (priced: number) => ({
    cost: 1,
    cost_source: 'sent',
    priced_calls: priced,
    unpriced_calls: 0,
  });
  expect(costsOf(prompt({ cost: 1, call_count: 5, calls: [call()] }))).toEqual(sent(5));
  expect(costsOf(prompt({ cost: 1, call_count: 1, calls: [call(), call(), call()] }))).toEqual(sent(3));
  expect(costsOf(prompt({ cost: 1, call_count: 4 }))).toEqual(sent(4));
});

test('a turn of sums that cannot be priced has as many calls without a price as it has calls', () => {
  expect(costsOf(prompt({ ...TOKENS, call_count: 3 }))).toEqual({ unpriced_calls: 3 });
  expect(costsOf(prompt({ ...TOKENS, call_count: 2.5, models: ['acme-1'] }))).toEqual({
    cost: PRICE,
    cost_source: 'table',
    cost_table: '2026-09-23',
  });
  expect(costsOf(prompt({ ...TOKENS, call_count: -2 }))).toMatchObject({ cost: PRICE });
});

test.each([
  [{ error: null }, 1],
  [{ error: false }, 1],
  [{ error: 'timeout' }, 0],
  // It has used tokens, but nobody knows of which kind.
  [{ error: true, total_tokens: 9 }, 1],
])('a call of a turn with %j counts as %i without a price', (fields, unpriced) => {
  const calls = [call(), { model: 'acme-1', ...fields }];
  expect(costsOf(prompt({ call_count: 2, calls }))).toMatchObject({
    priced_calls: 1,
    unpriced_calls: unpriced,
  });
});

test('a model that is not known has no price, whatever the own prices are for', () => {
  const all = [{ model: '*', input: 5, output: 5 }];
  expect(costsOf(prompt(TOKENS, { assistantId: 'unknown' }), all)).toEqual({});
  expect(costsOf(prompt(TOKENS), all)).toMatchObject({ cost: 0.005, cost_source: 'own' });
});

test('a record whose time cannot be read is priced at the time of its arrival', () => {
  const early = '2026-05-01T00:00:00.000Z';
  expect(costsOf(prompt(TOKENS, { timestamp: 'soon', receivedAt: early }))).toMatchObject({ cost: 0.001 });
  expect(costsOf(prompt(TOKENS, { timestamp: 'soon' }))).toMatchObject({ cost: PRICE });
  expect(costsOf(prompt(TOKENS, { timestamp: early }))).toMatchObject({ cost: 0.001 });
  expect(costsOf(prompt(TOKENS, { receivedAt: early }))).toMatchObject({ cost: PRICE });
});

test('the provider decides whose price it is, and the usual tier may be written in any case', () => {
  expect(costsOf(prompt({ ...TOKENS, provider: 'acme' }))).toMatchObject({ cost: PRICE });
  expect(costsOf(prompt({ ...TOKENS, provider: 'another' }))).toEqual({});
  const ofAcme = [{ model: 'acme-*', provider: 'acme', input: 7, output: 7 }];
  expect(costsOf(prompt({ ...TOKENS, provider: 'acme' }), ofAcme)).toMatchObject({ cost: 0.007 });
  expect(costsOf(prompt(TOKENS), ofAcme)).toMatchObject({ cost: PRICE });
  expect(costsOf(prompt({ ...TOKENS, service_tier: 'Default' }))).toMatchObject({ cost: PRICE });
  expect(costsOf(prompt({ ...TOKENS, service_tier: 'Batch' }))).toEqual({});
});

test('a cost in another currency stays where nothing replaces it', () => {
  const sent = { cost: 9, cost_currency: 'EUR', call_count: 2, calls: [{ model: 'other', ...TOKENS }] };
  const record = prompt(sent);
  const properties = withCost(record, costsOf(record));
  expect(properties).toEqual({ ...sent, unpriced_calls: 2 });
  expect(withoutCost({ properties })).toEqual(sent);
});

function pricing(entries?: OwnEntries): Pricing {
  const file = entries && ({ read: () => Promise.resolve(own(entries)) } as unknown as OwnPricesFile);
  return new Pricing({ own: file, table: () => Promise.resolve(TABLE) });
}

test('records that do not change are the same objects', async () => {
  const unknown = prompt(TOKENS, { assistantId: 'other' });
  const [priced = unknown] = await pricing().price([prompt(TOKENS)]);
  const turned = {
    ...priced,
    properties: Object.fromEntries(Object.entries(priced.properties).toReversed()),
  };
  for (const record of [unknown, priced, turned])
    expect(await pricing().price([record], 'all')).toEqual([record]);
  const results = await pricing().price([unknown, priced, turned], 'all');
  expect([results[0] === unknown, results[1] === priced, results[2] === turned]).toEqual([true, true, true]);
  expect(await pricing().price([])).toEqual([]);
});

test('a turn with a gap keeps its cost at its arrival, and later unless the gap is filled', async () => {
  const calls = [call(), { model: 'other', ...TOKENS }];
  const [turn = prompt({})] = await pricing().price([prompt({ call_count: 2, calls })]);
  expect(turn.properties).toMatchObject({ cost: PRICE, unpriced_calls: 1 });
  const dearer = pricing([{ model: 'acme-*', input: 9, output: 9 }]);
  expect((await dearer.price([turn], 'gaps'))[0]).toBe(turn);
  const filling = pricing([{ model: '*', input: 9, output: 9 }]);
  expect((await filling.price([turn], 'arrival'))[0]).toBe(turn);
  expect((await filling.price([turn], 'gaps'))[0]?.properties).toMatchObject({
    cost: 0.018,
    unpriced_calls: 0,
  });
});

test('the server says which table it uses, and if there are own prices', async () => {
  expect(await pricing().info()).toEqual({ tableDate: '2026-09-23', own: false });
  expect(await pricing([]).info()).toEqual({ tableDate: '2026-09-23', own: true });
});
