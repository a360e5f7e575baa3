import { expect, test } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../../src/server/index.js';
import { readCategories } from '../../../../src/server/insights/labels/categories.js';
import { formerKeyOf } from '../../../../src/server/insights/labels/intents.js';
import { contentKeyOf } from '../../../../src/server/insights/labels/label-properties.js';
import { AgeLimits } from '../../../../src/server/privacy/age-limits.js';
import { eventually } from '../../../support/eventually.js';
import { getJson } from '../../../support/server-requests.js';
import { useScriptedServer } from '../../../support/use-scripted-server.js';
import { useServer } from '../../../support/use-server.js';
import { useTeam } from '../../../support/use-team.js';
import { numbered } from '../../engines/stored.js';

function labelled(id: string, intent: string, status = 'done', days = 1): NewRecord {
  const timestamp = new Date(Date.now() - days * 86_400_000).toISOString();
  const record = { ...numbered(1), id, prompt: `p ${id}`, timestamp, receivedAt: timestamp };
  const labels = { label_intent: intent, label_sentiment: 'neutral', label_outcome: 'done' };
  const properties = { ...labels, label_status: status, label_content: contentKeyOf(record) ?? '' };
  return { ...record, properties };
}

/** Counts no further than a database does, which stops somewhere. */
class CappedStore extends MemoryStore {
  override async list(...given: Parameters<MemoryStore['list']>): ReturnType<MemoryStore['list']> {
    const page = await super.list(...given);
    return { ...page, total: Math.min(page.total, 100), isTotalCapped: page.total > 100 };
  }
}

async function useLabelled(...records: readonly NewRecord[]) {
  const store = new CappedStore();
  await store.put(records);
  const server = await useServer({ store });
  const rename = async (from: string, to: string) => {
    const query = new URLSearchParams({ from, to }).toString();
    const response = await fetch(`${server.url}/api/labels/rename?${query}`, { method: 'POST' });
    return [response.status, await response.json()] as const;
  };
  const intents = async () => {
    const { groups } = await getJson<{ groups: { name: string; values: number[] }[] }>(
      server,
      '/api/measure?measure=prompts&by=intent',
    );
    return Object.fromEntries(groups.map(({ name, values }) => [name, values[0]]));
  };
  return { store, server, rename, intents };
}

test('a category is renamed and merged for the prompts that have it and for later ones, and labels of the application stay', async () => {
  const { store, rename, intents } = await useLabelled(
    ...['1', '2', '3'].map((id) => labelled(id, 'money back')),
    labelled('4', 'refund request'),
    labelled('sent', 'money back', 'sent'),
  );
  expect(await rename('Money  Back', 'reimbursement')).toEqual([
    200,
    { from: 'money back', to: 'reimbursement', changed: 3, left: 0 },
  ]);
  expect(await rename('reimbursement', 'refund request')).toMatchObject([200, { changed: 3, left: 0 }]);
  expect(await intents()).toEqual({ 'refund request': 4, 'money back': 1 });
  expect(await readCategories(store.documents)).toMatchObject({
    names: ['refund request'],
    renamed: {
      [formerKeyOf('money back')]: 'refund request',
      [formerKeyOf('reimbursement')]: 'refund request',
    },
  });
  // Back again: no circle.
  expect(await rename('refund request', 'money back')).toMatchObject([200, { changed: 4 }]);
  expect((await readCategories(store.documents)).renamed).toEqual({
    [formerKeyOf('reimbursement')]: 'money back',
    [formerKeyOf('refund request')]: 'money back',
  });
  for (const [from, to] of [
    ['refund', 'refund'],
    ['', 'refund'],
    ['refund', 'unclear'],
    ['refund', 'one two three four five six seven'],
  ] as const)
    expect((await rename(from, to))[0]).toBe(400);
});

test('a rename by the version that was seen does not replace what somebody else has changed', async () => {
  const { store, server, rename, intents } = await useLabelled(labelled('1', 'money back'));
  const renameSeen = (from: string, to: string, version: string): Promise<Response> =>
    fetch(`${server.url}/api/labels/rename?${new URLSearchParams({ from, to }).toString()}`, {
      method: 'POST',
      headers: version === '0' ? { 'if-none-match': '*' } : { 'if-match': version },
    });
  expect((await renameSeen('money back', 'refund', '0')).status).toBe(200);
  const first = String((await readCategories(store.documents)).version);
  expect((await rename('refund', 'reimbursement'))[0]).toBe(200);
  const late = await renameSeen('refund', 'returns', first);
  const { version } = await readCategories(store.documents);
  expect([late.status, await late.json()]).toEqual([412, expect.objectContaining({ version })]);
  // A rename that goes on after its first request.
  expect((await renameSeen('refund', 'reimbursement', first)).status).toBe(200);
  expect(await intents()).toEqual({ reimbursement: 1 });
});

test('what somebody else has changed meanwhile is merged with a rename, unless it contradicts it', async () => {
  const { store, server, rename, intents } = await useLabelled(
    ...['money back', 'parcel', 'invoice'].map((intent) => labelled(intent, intent)),
  );
  const renameSeen = async (from: string, to: string, version: number): Promise<unknown[]> => {
    const response = await fetch(
      `${server.url}/api/labels/rename?${new URLSearchParams({ from, to }).toString()}`,
      { method: 'POST', headers: { 'if-match': `"${version}"` } },
    );
    const { detail } = (await response.json()) as { readonly detail?: string };
    return [response.status, ...(detail === undefined ? [] : [detail])];
  };
  const add = async (name: string): Promise<number> => {
    const { names, renamed, renamedAfter } = await readCategories(store.documents);
    const value = { names: [...names, name], renamed, renamedAfter };
    const url = `${server.url}/api/documents/setting/label-categories`;
    return (await fetch(url, { method: 'PUT', body: JSON.stringify(value) })).status;
  };
  await add('login');
  const { version: seen } = await readCategories(store.documents);
  // Somebody adds a category, and renames others.
  expect(await add('praise')).toBe(200);
  expect((await rename('parcel', 'delivery'))[0]).toBe(200);
  expect(await renameSeen('money back', 'refund', seen)).toEqual([200]);
  expect((await readCategories(store.documents)).names).toEqual(['login', 'praise', 'delivery', 'refund']);
  // What was renamed to the former name follows.
  expect(await renameSeen('delivery', 'shipping', seen)).toEqual([200]);
  expect(await intents()).toEqual({ refund: 1, shipping: 1, invoice: 1 });
  // One of both names was given away.
  expect(await renameSeen('parcel', 'post', seen)).toEqual([
    412,
    'Somebody else has renamed "parcel" to "shipping" meanwhile, so that "parcel" does not become "post": rename "shipping" instead',
  ]);
  expect(await renameSeen('invoice', 'parcel', seen)).toEqual([
    412,
    expect.stringContaining('choose "shipping"'),
  ]);
  // Whoever has seen that may.
  const { version: now } = await readCategories(store.documents);
  expect(await renameSeen('invoice', 'parcel', now)).toEqual([200]);
  expect(await intents()).toEqual({ refund: 1, shipping: 1, parcel: 1 });
  expect(await add('invoice')).toBe(422);
  // Of a document that somebody has written whole, it is not known when a name was given away.
  const value = { names: ['refund'], renamed: { [formerKeyOf('login')]: 'refund' } };
  await store.documents.put({ kind: 'setting', name: 'label-categories', value });
  expect((await renameSeen('login', 'sign in', now))[0]).toBe(412);
  expect(await renameSeen('refund', 'returns', now)).toEqual([200]);
});

test('renames of several people at the same moment are all kept', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const { store, rename, intents } = await useLabelled(...names.map((name) => labelled(name, name)));
  const answers = await Promise.all(names.map((name) => rename(name, `new ${name}`)));
  expect(answers.map(([status]) => status)).toEqual([200, 200, 200, 200]);
  expect((await readCategories(store.documents)).names.toSorted()).toEqual(
    names.map((name) => `new ${name}`),
  );
  expect(await intents()).toEqual(Object.fromEntries(names.map((name) => [`new ${name}`, 1])));
});

test('more prompts than one request changes, and than a list counts, are changed by repeating it', async () => {
  const records = Array.from({ length: 5400 }, (_, at) => labelled(`r${at}`, 'money back'));
  const { rename, intents } = await useLabelled(...records);
  expect(await rename('money back', 'refund')).toMatchObject([200, { changed: 5000, left: 400 }]);
  expect(await rename('money back', 'refund')).toMatchObject([200, { changed: 400, left: 0 }]);
  expect(await intents()).toEqual({ refund: 5400 });
});

test('prompts that cannot be renamed neither hide the others nor count as left', async () => {
  const changed = labelled('changed', 'money back');
  const partly = Array.from({ length: 600 }, (_, at): NewRecord => {
    const { label_sentiment: _left, ...properties } = labelled(`r${at}`, 'money back').properties;
    return { ...labelled(`r${at}`, 'money back'), properties };
  });
  const { rename } = await useLabelled(labelled('first', 'money back'), changed, ...partly);
  expect(await rename('money back', 'refund')).toMatchObject([200, { changed: 2, left: 0 }]);
});

test('categories that people have named are told to the model, and what they renamed is joined', async () => {
  const model = await useScriptedServer(() => ({
    status: 200,
    body: JSON.stringify({
      choices: [{ message: { content: '{"intent":"money back","sentiment":"neutral","outcome":"done"}' } }],
    }),
  }));
  const store = new MemoryStore();
  const value = { names: ['delivery', 'refund'], renamed: { [formerKeyOf('money back')]: 'refund' } };
  await store.documents.put({ kind: 'setting', name: 'label-categories', value });
  const timestamp = new Date().toISOString();
  await store.put([{ ...numbered(1), timestamp, receivedAt: timestamp, properties: {} }]);
  const labels = { url: `${model.url}/v1`, model: 'small' };
  const server = await useServer({ store, labels });
  await eventually(async () =>
    expect(await getJson(server, '/api/measure?measure=prompts&by=intent')).toMatchObject({
      groups: [{ name: 'refund', values: [1] }],
    }),
  );
  expect(model.requests[0]?.body).toContain('\\"delivery\\", \\"refund\\"');
});

test('a document of categories that cannot be read is refused, and a named category outlives the texts', async () => {
  const { store, server } = await useLabelled(
    labelled('named', 'refund', 'done', 40),
    labelled('found', 'xylophone repair', 'done', 40),
  );
  const put = async (value: unknown) =>
    (
      await fetch(`${server.url}/api/documents/setting/label-categories`, {
        method: 'PUT',
        body: JSON.stringify(value),
      })
    ).status;
  for (const wrong of [
    [],
    'refund',
    { names: 'refund' },
    { names: ['Refund!'] },
    { renamed: { [formerKeyOf('a')]: 'unclear' } },
    { renamed: { 'money back': 'refund' } },
  ])
    expect(await put(wrong)).toBe(422);
  expect(await put({ names: ['refund'] })).toBe(201);
  await new AgeLimits({ store, textDays: 30 }).run();
  const found = (await store.list({}, { limit: 9 })).records.map(({ id, properties }) => [
    id,
    properties['label_intent'],
    properties['label_sentiment'],
  ]);
  expect(Object.fromEntries(found.map(([id, ...labels]) => [id, labels]))).toEqual({
    named: ['refund', 'neutral'],
    found: [undefined, 'neutral'],
  });
});

test('renaming a category needs the right to edit', async () => {
  const team = await useTeam({ tokens: 'shop=reader,shop:edit=editor' });
  await team.ready;
  const rename = async (token: string) =>
    (await team.read('/p/shop/api/labels/rename?from=a&to=b', token, { method: 'POST' })).status;
  expect([await rename('reader'), await rename('editor')]).toEqual([403, 200]);
});
