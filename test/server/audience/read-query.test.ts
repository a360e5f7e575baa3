import { expect, test } from 'vitest';
import { countInternal } from '../../../src/server/audience/hidden-count.js';
import { DEFAULT_INTERNAL_FILTERS } from '../../../src/server/audience/internal-traffic.js';
import { readQuery } from '../../../src/server/audience/read-query.js';
import { MemoryStore, type NewRecord } from '../../../src/server/index.js';
import { idsOf, numbered } from '../engines/stored.js';

const INTERNAL: readonly Partial<NewRecord>[] = [
  { id: 'in test', properties: { environment: 'test' } },
  { id: 'in ci', properties: { environment: 'ci' } },
  { id: 'tagged', tags: ['web', 'internal'] },
  { id: 'synthetic', tags: ['synthetic'] },
  { id: 'flagged', properties: { internal: true } },
  { id: 'flagged as text', properties: { internal: 'true' } },
  { id: 'bot', properties: { 'user_agent.synthetic.type': 'bot' } },
  { id: 'of a test user', userId: 'test-user' },
  { id: 'health check', userId: 'healthcheck' },
];

/** What looks like internal traffic to a careless rule. */
const REAL: readonly Partial<NewRecord>[] = [
  { id: 'at home', properties: { environment: 'development' } },
  { id: 'in production', properties: { environment: 'production', internal: false } },
  { id: 'of a contest', properties: { environment: 'contest' }, userId: 'testa.rossa@example.com' },
  { id: 'chatbot', tags: ['bot', 'testing-b'], userId: 'bottomley' },
  { id: 'anonymous', userId: 'anonymous' },
];

async function storeOf(records: readonly Partial<NewRecord>[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.put(records.map((record) => ({ ...numbered(1), ...record }) as NewRecord));
  return store;
}

async function matching(store: MemoryStore, text: string): Promise<string[]> {
  return idsOf(store, await readQuery(new URLSearchParams(text), store.documents));
}

const named = (records: readonly Partial<NewRecord>[]) => records.map(({ id }) => id);

function putRule(store: MemoryStore, filters: unknown) {
  return store.documents.put({ kind: 'setting', name: 'internal-traffic', value: { filters } as never });
}

function putSegment(store: MemoryStore, name: string, filters: readonly string[]) {
  return store.documents.put({ kind: 'segment', name, value: { filters } });
}

test('internal traffic is left out unless it is asked for, and nobody who may be a user is taken for it', async () => {
  const store = await storeOf([...INTERNAL, ...REAL]);
  expect(await matching(store, '')).toEqual(named(REAL));
  expect(await matching(store, 'internal=hide')).toEqual(named(REAL));
  expect(await matching(store, 'internal=')).toEqual(named(REAL));
  expect(await matching(store, 'internal=show')).toEqual(named([...INTERNAL, ...REAL]));
  expect(await matching(store, 'internal=only')).toEqual(named(INTERNAL));
  expect(await matching(store, 'internal=only&tag=web')).toEqual(['tagged']);
  await expect(matching(store, 'internal=yes')).rejects.toThrow('internal must be one of hide, show, only');
});

test('what is left out is counted under the same filters, whether or not it is shown', async () => {
  const store = await storeOf([...INTERNAL, ...REAL]);
  const count = (text: string) => countInternal(new URLSearchParams(text), store);
  for (const mode of ['', '&internal=show', '&internal=only'])
    expect(await count(`kind=prompt${mode}`)).toEqual({ records: 9, isCapped: false, people: 3 });
  expect(await count('user=healthcheck')).toEqual({ records: 1, isCapped: false, people: 1 });
});

test('a stored rule replaces the default one, and an empty one leaves out nothing', async () => {
  const store = await storeOf([...INTERNAL, ...REAL]);
  await putRule(store, ['tag=web', 'user=bottomley']);
  expect(await matching(store, 'internal=only')).toEqual(['tagged', 'chatbot']);
  await putRule(store, []);
  expect(await matching(store, '')).toEqual(named([...INTERNAL, ...REAL]));
  expect(await matching(store, 'internal=only')).toEqual([]);
  await putRule(store, [...DEFAULT_INTERNAL_FILTERS]);
  expect(await matching(store, '')).toEqual(named(REAL));
});

test.each([
  ['no list', 'tag=x'],
  ['no text', [7]],
  ['a misspelt name, which every record would match', ['env=test']],
  ['nothing', ['']],
  ['a time that is none', ['since=yesterday']],
  ['a segment, which may refer to itself', ['segment=staff']],
  ['the rule itself', ['internal=only']],
  ['too many filters', Array.from({ length: 51 }, (_, i) => `user=${i}`)],
])('a stored rule with %s hides nobody: the default one applies', async (_name, filters) => {
  const store = await storeOf([...INTERNAL, ...REAL]);
  await putRule(store, filters);
  expect(await matching(store, '')).toEqual(named(REAL));
});

test('a segment is the people with a record for each of its filters, and all of their records', async () => {
  const store = await storeOf([
    { id: '1', userId: 'ada', properties: { plan: 'pro' } },
    { id: '2', userId: 'ada', tags: ['beta'] },
    { id: '3', userId: 'bob', properties: { plan: 'pro' } },
    { id: '4', userId: 'cy', tags: ['beta'] },
    { id: '5', userId: 'anonymous', properties: { plan: 'pro' }, tags: ['beta'] },
  ]);
  await putSegment(store, 'paying', ['prop.plan=pro']);
  await putSegment(store, 'paying testers', ['prop.plan=pro', 'tag=beta']);
  await putSegment(store, 'beta', ['tag=beta&not.user=ada']);
  expect(await matching(store, 'segment=paying')).toEqual(['1', '2', '3']);
  expect(await matching(store, 'segment=paying%20testers')).toEqual(['1', '2']);
  expect(await matching(store, 'segment=paying%20testers&segment=beta')).toEqual(['1', '2', '4']);
  expect(await matching(store, 'not.segment=paying%20testers&not.segment=beta')).toEqual(['3', '5']);
  expect(await matching(store, 'segment=paying&not.segment=paying%20testers')).toEqual(['3']);
  expect(await matching(store, 'segment=paying&tag=beta&segment=')).toEqual(['2']);
});

test('a record of any of the topics matches, if it also is of somebody in a segment', async () => {
  const store = await storeOf([
    { id: '1', userId: 'ada', prompt: 'my invoice' },
    { id: '2', userId: 'ada', prompt: 'my parcel' },
    { id: '3', userId: 'bob', prompt: 'an invoice' },
    { id: '4', userId: 'bob', prompt: 'hello', tags: ['invoice'] },
  ]);
  for (const [name, term] of [
    ['bills', 'invoice'],
    ['post', 'parcel'],
  ] as const)
    await store.documents.put({ kind: 'topic', name, value: { terms: [term] } });
  await putSegment(store, 'a', ['user=ada']);
  expect(await matching(store, 'topic=bills')).toEqual(['1', '3']);
  expect(await matching(store, 'topic=bills&topic=post&topic=')).toEqual(['1', '2', '3']);
  expect(await matching(store, 'topic=bills&segment=a')).toEqual(['1']);
  expect(await matching(store, 'topic=bills&not.segment=a')).toEqual(['3']);
  await expect(matching(store, 'topic=gone')).rejects.toThrow('There is no topic "gone"');
});

test('a segment that is not there, or cannot be read, is an error and not everybody', async () => {
  const store = await storeOf(REAL);
  await putSegment(store, 'broken', ['plan=pro']);
  await expect(matching(store, 'segment=gone')).rejects.toThrow('There is no segment "gone"');
  await expect(matching(store, 'segment=broken')).rejects.toThrow('"plan" is no filter of records');
});
