import { expect, test } from 'vitest';
import { listOrganizations } from '../../../src/server/audience/organizations.js';
import { MemoryStore, type NewRecord } from '../../../src/server/index.js';
import { event, numbered } from '../engines/stored.js';

const BY = { property: 'organization_id' } as const;

async function storeOf(organizations: readonly (string | undefined)[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.put(
    organizations.map((organization_id, at) => ({
      ...numbered(at),
      userId: `person ${at}`,
      properties: { input_tokens: 10, ...(organization_id !== undefined && { organization_id }) },
    })),
  );
  return store;
}

test('organizations have their numbers, and records without one are apart from them', async () => {
  const store = await storeOf(['acme', undefined, 'acme', 'other']);
  const failed: NewRecord = {
    ...event('failed', 'LLM error', { organization_id: 'acme', cost: 0.5, cost_source: 'table' }),
    threadId: 't',
  };
  await store.put([failed]);
  const { organizations, total, without } = await listOrganizations(store, {}, BY, 10);
  expect([organizations.map(({ name }) => name), total]).toEqual([['acme', 'other'], 2]);
  expect(organizations[0]).toMatchObject({
    people: 3,
    prompts: 2,
    requests: 3,
    errors: 1,
    inputTokens: 20,
    outputTokens: 0,
    totalTokens: 20,
    cost: 0.5,
    pricedCalls: 1,
    unpricedCalls: 2,
  });
  expect(organizations[1]).toMatchObject({ people: 1, prompts: 1, errors: 0, cost: null });
  expect(without).toMatchObject({ people: 1, prompts: 1 });
});

test.each([1, 2, 3, 10])(
  'of three organizations at most %i are listed, those with most people',
  async (limit) => {
    const store = await storeOf(['a', 'b', 'b', 'c', 'c', 'c', undefined]);
    const { organizations, total, without } = await listOrganizations(store, {}, BY, limit);
    expect(organizations.map(({ name }) => name)).toEqual(['c', 'b', 'a'].slice(0, limit));
    expect([total, without?.people]).toEqual([3, 1]);
  },
);

test('without nameless records there are no numbers of theirs', async () => {
  const store = await storeOf(['a', 'b']);
  expect(await listOrganizations(store, {}, BY, 10)).toMatchObject({ total: 2, without: null });
  expect(await listOrganizations(store, { users: ['nobody'] }, BY, 10)).toEqual({
    organizations: [],
    total: 0,
    without: null,
  });
});
