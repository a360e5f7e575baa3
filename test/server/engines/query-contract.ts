import { expect, test } from 'vitest';
import type { RecordQuery } from '../../../src/server/index.js';
import { createMatcher } from '../../../src/server/query/match-query.js';
import type { Engine } from './engine.js';
import { idsOf, numbered, START, useStore } from './stored.js';

/** A value for each field of a query, which no record of the test matches. A new field does not compile without one. */
const MATCHES_NOTHING: Required<RecordQuery> = {
  ids: ['nobody'],
  users: ['nobody'],
  threads: ['nobody'],
  models: ['nobody'],
  tags: ['nobody'],
  events: ['nobody'],
  about: ['nobody'],
  owners: ['nobody'],
  kinds: ['event'],
  errors: [true],
  properties: [{ name: 'environment', values: ['nobody'] }],
  ratings: ['bad'],
  evaluations: [{ below: 1 }],
  terms: [{ text: 'nobody' }],
  since: { at: START + 86_400_000 },
  until: { at: START - 86_400_000 },
  not: [{}],
  peopleWho: [{ ids: ['nobody'] }],
};

/** Holds an engine to every field of a query: one that it ignores would show, and delete, what nobody asked for. */
export function checkQueryFields(engine: Engine): void {
  test(`${engine.name}: no field of a query is ignored, by the engine or by the test of single records`, async () => {
    const store = await useStore(engine);
    const { records } = await store.put([numbered(1), numbered(2)]);
    const others = { usersOf: () => new Set<string>(), feedbackOn: () => [] };
    for (const [field, value] of Object.entries(MATCHES_NOTHING)) {
      const query: RecordQuery = { [field]: value };
      const isMatch = createMatcher(query, START, others);
      expect([field, records.filter((record) => isMatch(record))]).toEqual([field, []]);
      expect([field, await idsOf(store, query)]).toEqual([field, []]);
    }
    expect(await idsOf(store)).toEqual(['1', '2']);
  });
}
