import { expect, test } from 'vitest';
import { withOrganizationProperty } from '../../../src/server/audience/organization-property.js';
import { measureEach } from '../../../src/server/engines/measure-each.js';
import type { Engine } from './engine.js';
import { expectActivity, expectRetention, useVisited, ZONES } from './people-contract.js';
import { recountActivity, recountRetention } from './recount-people.js';
import { exported } from './stored.js';

const PROPERTY = 'plan "x"';
const UNTIL = Date.UTC(2026, 3, 20, 15);

/** Holds an engine to organizations that are named by another property than the usual one, chosen after the records arrived. */
export function checkOrganizations(engine: Engine): void {
  test(`${engine.name}: organizations by a property that is chosen later have the numbers that a plain count gives`, async () => {
    const engineStore = await useVisited(engine, { from: Date.UTC(2026, 1, 20), to: UNTIL });
    const store = withOrganizationProperty(engineStore, undefined);
    const records = await exported(store, {});
    const asked = { until: { at: UNTIL } };
    const request = { measures: ['prompts', 'people'], by: 'organization', limit: 9 } as const;
    const groupsBefore = (await store.measure(asked, request)).groups.map(({ name }) => name);
    expect(groupsBefore).toContain('acme');
    const value = { property: PROPERTY };
    await store.documents.put({ kind: 'setting', name: 'organization-property', value });
    const { groups } = await store.measure(asked, request);
    const [together] = await measureEach(store, asked, [request, { ...request, by: 'user' }]);
    expect(together?.groups).toEqual(groups);
    for (const name of ['pro', 'größer\n"1"', null]) {
      const own = records.filter(
        ({ kind, properties }) => kind === 'prompt' && (properties[PROPERTY] ?? null) === name,
      );
      const people = new Set(own.map(({ userId }) => userId).filter((user) => user !== 'anonymous'));
      expect(groups.find((group) => group.name === name)?.values).toEqual([own.length, people.size]);
    }
    for (const zone of ZONES) {
      const recount = { step: 'week', zone, until: UNTIL, limit: 20, property: PROPERTY } as const;
      const options = { by: 'organization', timeZone: zone, limit: 20 } as const;
      expectActivity(
        await store.activity(asked, { ...options, step: 'week' }),
        recountActivity(records, recount),
      );
      expectRetention(await store.retention(asked, options), recountRetention(records, recount, 'in'));
    }
  });
}
