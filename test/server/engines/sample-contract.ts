import { expect, test } from 'vitest';
import { sampleHash } from '../../../src/server/engines/sample-hash.js';
import { toSampledRequest } from '../../../src/server/model/request-sample.js';
import { askedText, isRequest } from '../../../src/server/model/stored-record.js';
import { toSearchable } from '../../../src/server/model/search-text.js';
import { createTermTest } from '../../../src/server/query/match-term.js';
import type { NewRecord } from '../../../src/server/index.js';
import type { Engine } from './engine.js';
import { event, exported, idsOf, numbered, useStore } from './stored.js';

const ASKED = [
  'Where is my order?',
  'It was ordered, and\u00a0my  order is late',
  'across the border',
  'Die Größe der Bestellung',
  'Gro\u0308ße',
  'İstanbul order',
  'ΟΔΟΣ',
  '注文の返金について',
  'plan',
  'a plane',
  '👍plan👍',
  '',
  'x'.repeat(5000) + ' order',
];

const TERMS = [
  'order',
  'order is',
  'plan',
  'größe',
  '返金',
  'bestellung',
  'istanbul',
  'a.c',
  'where is my',
  '(',
  'x\\',
];

function records(): readonly NewRecord[] {
  const prompts = ASKED.map((prompt, index): NewRecord => ({
    ...numbered(index + 1),
    id: `asked-${index}`,
    prompt,
    generation: 'Your order and your plan.',
    properties: { cost: index / 8, cost_source: 'table', ...(index % 3 === 0 && { error_type: 'timeout' }) },
  }));
  return [
    ...prompts,
    ...Array.from({ length: 60 }, (_, index) => numbered(index + 100)),
    event('failed', 'LLM error', { prompt: 'An order that failed', error_type: 'timeout' }),
    event('failed 2', 'LLM error', { prompt: { text: 'order' } }),
    event('call', 'LLM call', { prompt: 'order', turn_id: 'asked-0' }),
    event('other', 'Order placed', { note: 'an order' }),
  ];
}

/** Holds an engine to samples of requests, and to the search in what was asked, which topics are made of. */
export function checkSamples(engine: Engine): void {
  test(`${engine.name}: a sample has the requests with the smallest hashes, with what was asked and what it cost`, async () => {
    const store = await useStore(engine);
    await store.put(records());
    const requests = (await exported(store, {}))
      .filter(isRequest)
      .toSorted((a, b) => sampleHash(a.id) - sampleHash(b.id));
    for (const limit of [0, 1, 20, 1000])
      expect(await store.sample({}, limit)).toEqual({
        requests: requests.slice(0, limit).map(toSampledRequest),
        total: requests.length,
      });
    const { requests: some, total } = await store.sample({ errors: [true] }, 100);
    expect(total).toBe(some.length);
    expect(some.every(({ isError }) => isError)).toBe(true);
    expect(some.map(({ id }) => id)).toContain('failed');
  });

  test(`${engine.name}: a term in what was asked is found as a word, not in answers and names`, async () => {
    const store = await useStore(engine);
    await store.put(records());
    const all = await exported(store, {});
    for (const text of TERMS) {
      const isFound = createTermTest(text);
      const expected = all.filter((record) => isFound(toSearchable(askedText(record)))).map(({ id }) => id);
      expect(await idsOf(store, { terms: [{ text, in: 'asked' }] })).toEqual(expected);
      const others = all.map(({ id }) => id).filter((id) => !expected.includes(id));
      expect(await idsOf(store, { terms: [{ text, in: 'asked', isExcluded: true }] })).toEqual(others);
      expect(await idsOf(store, { not: [{ terms: [{ text, in: 'asked' }] }] })).toEqual(others);
      expect(await idsOf(store, { not: [{ not: [{ terms: [{ text, in: 'asked' }] }] }] })).toEqual(expected);
    }
  });
}
