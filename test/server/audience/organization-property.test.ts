import { expect, test } from 'vitest';
import {
  readOrganizationProperty,
  withOrganizationProperty,
} from '../../../src/server/audience/organization-property.js';
import { MemoryStore } from '../../../src/server/index.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';
import { useTeam } from '../../support/use-team.js';

const SETTING = { kind: 'setting', name: 'organization-property' } as const;
const PATH = '/api/documents/setting/organization-property';

test('the setting of the store wins over the option of the server, and one that cannot be read counts as none', async () => {
  const { documents } = new MemoryStore();
  const read = (startedWith?: string) => readOrganizationProperty(documents, startedWith);
  expect([await read(), await read('tenant')]).toEqual(['organization_id', 'tenant']);
  await documents.put({ ...SETTING, value: { property: 'customer' } });
  expect([await read(), await read('tenant')]).toEqual(['customer', 'customer']);
  for (const value of [
    null,
    'customer',
    {},
    { property: '' },
    { property: 7 },
    { property: 'x'.repeat(257) },
  ]) {
    await documents.put({ ...SETTING, value });
    expect([await read(), await read('tenant')]).toEqual(['organization_id', 'tenant']);
  }
});

test('a store that reads the property has the same methods each time, and those that replace them', async () => {
  const inner = new MemoryStore();
  const store = withOrganizationProperty(inner, undefined);
  const methodOf = (name: 'list' | 'measure'): unknown => Reflect.get(store, name);
  expect([methodOf('list'), methodOf('measure')]).toEqual([methodOf('list'), methodOf('measure')]);
  expect(methodOf('list')).toBe(methodOf('list'));
  expect((await store.list({}, { limit: 1 })).total).toBe(0);
  inner.list = () => Promise.reject(new Error('replaced'));
  await expect(store.list({}, { limit: 1 })).rejects.toThrow('replaced');
});

test('whatever counts by organization follows a change of the property at once, also for old records', async () => {
  const server = await useServer({ organizationProperty: 'tenant' });
  const timestamp = new Date(Date.now() - 3_600_000).toISOString();
  const asked = (user: string, tenant: string, customer: string, cost: number) =>
    prompt({ user_id: user, timestamp, properties: { $event_id: user, tenant, customer, cost } });
  await post(server, [asked('ada', 'north', 'acme', 2), asked('bob', 'north', 'blue', 1)]);
  const rule = { measure: 'cost', by: 'organization', window: '24h', above: 0.5 };
  const ask = async () => {
    const [measure, compare, summary, activity, retention, organizations, alert] = await Promise.all([
      getJson<{ by: string; groups: { name: string }[] }>(
        server,
        '/api/measure?measure=cost&by=organization',
      ),
      getJson<{ groups: { name: string }[] }>(server, '/api/compare?measure=cost&by=organization&since=1d'),
      getJson<{ cost: { customers: { by: string; groups: { name: string }[] } } }>(
        server,
        '/api/summary?since=1d&part=cost',
      ),
      getJson<{ total: { active: number } }>(server, '/api/activity?by=organization'),
      getJson<{ mean: { of: number }[]; cohorts: { size: number }[] }>(
        server,
        '/api/retention?by=organization',
      ),
      getJson<{ organizations: { name: string }[] }>(server, '/api/organizations'),
      getJson<{ reading: unknown }>(
        server,
        `/api/alerts/preview?rule=${encodeURIComponent(JSON.stringify(rule))}`,
      ),
    ]);
    const names = (groups: readonly { name: string }[]) => groups.map(({ name }) => name).toSorted();
    return {
      by: measure.by,
      lists: [measure.groups, compare.groups, summary.cost.customers.groups, organizations.organizations].map(
        names,
      ),
      active: activity.total.active,
      size: retention.cohorts.reduce((sum, { size }) => sum + size, 0),
      alert: JSON.stringify(alert.reading),
    };
  };
  const before = await ask();
  expect(before).toMatchObject({ by: 'organization', active: 1, size: 1 });
  expect(before.lists).toEqual([['north'], ['north'], ['north'], ['north']]);
  expect(before.alert).toContain('north');
  const put = (value: unknown) =>
    fetch(server.url + PATH, {
      method: 'PUT',
      body: JSON.stringify(value),
      headers: { 'content-type': 'application/json' },
    });
  expect((await put({ property: 'customer' })).status).toBe(201);
  const after = await ask();
  expect(after).toMatchObject({ by: 'organization', active: 2, size: 2 });
  const both = ['acme', 'blue'];
  expect(after.lists).toEqual([both, both, both, both]);
  expect(after.alert).toContain('acme');
  const refused = await put({ name: 'customer' });
  expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('has the form')]);
  expect(await (await fetch(`${server.url}/people`)).text()).toContain('data-organization="customer"');
});

test('readers of numbers alone see organizations by the chosen property, and texts of no other', async () => {
  const team = await useTeam({
    keys: 'shop=shop-key',
    tokens: 'shop:numbers=numbers',
    organizationProperty: 'customer',
  });
  await team.ready;
  await team.publish('shop-key', [prompt({ properties: { customer: 'acme', plan: 'pro' } })]);
  const status = async (query: string) =>
    (
      await fetch(`${team.url}/p/shop/api/measure?measure=prompts&${query}`, {
        headers: { authorization: 'Bearer numbers' },
      })
    ).status;
  expect(await status('by=prop.customer')).toBe(200);
  expect(await status('prop.customer=acme&against=prop.customer%3Dblue')).toBe(200);
  expect(await status('by=prop.plan')).toBe(403);
  const page = await fetch(`${team.url}/p/shop/people`, { headers: { authorization: 'Bearer numbers' } });
  expect(await page.text()).toContain('data-organization="customer"');
});
