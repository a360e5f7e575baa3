import { expect, test } from 'vitest';
import { MemoryStore } from '../../../src/server/index.js';
import { spanRequest } from './span-request.js';
import { eventually } from '../../support/eventually.js';
import { prompt } from '../../support/server-requests.js';
import { sharedStores, useTeam, type TestTeam } from '../../support/use-team.js';

async function promptsOf(team: TestTeam, project: string, token = 'admin'): Promise<readonly string[]> {
  const response = await team.read(`/p/${project}/api/records`, token);
  const { records } = (await response.json()) as { records: readonly { prompt: string }[] };
  return records.map((record) => record.prompt);
}

test('the key decides into which project a prompt goes, over the ingestion API and OTLP', async () => {
  const team = await useTeam();
  await team.ready;
  expect((await team.publish('shop-key', [prompt({ prompt: 'of the shop' })])).status).toBe(200);
  const bearer = { authorization: 'Bearer docs-key', 'content-type': 'application/json' };
  const body = JSON.stringify([prompt({ prompt: 'of the docs' })]);
  const path = `${team.url}/api/ingestion/publish_llm_events`;
  expect((await fetch(path, { method: 'POST', headers: bearer, body })).status).toBe(200);
  for (const header of ['x-api-key', 'authorization']) {
    const value = header === 'authorization' ? 'Bearer docs-key' : 'docs-key';
    const sent = await spanRequest(team, { [header]: value }, `over OTLP by ${header}`);
    expect([header, sent.status]).toEqual([header, 200]);
  }
  expect(await promptsOf(team, 'shop')).toEqual(['of the shop']);
  expect((await promptsOf(team, 'docs')).toSorted()).toEqual([
    'of the docs',
    'over OTLP by authorization',
    'over OTLP by x-api-key',
  ]);
});

test('a missing, unknown or empty key is refused in the form of each protocol', async () => {
  const team = await useTeam();
  await team.ready;
  for (const headers of [{}, { 'x-api-key': 'wrong' }, { 'x-api-key': '' }, { authorization: 'Bearer x' }]) {
    const api = await fetch(`${team.url}/api/ingestion/publish_events`, { method: 'POST', headers });
    expect([api.status, await api.json()]).toEqual([401, { detail: expect.stringMatching(/API key/) }]);
    const otlp = await spanRequest(team, headers, 'refused');
    expect([otlp.status, otlp.headers.get('content-type')]).toEqual([401, 'application/json']);
    expect(await otlp.json()).toEqual({ message: expect.stringMatching(/API key/) });
  }
  const protobuf = await fetch(`${team.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(),
  });
  expect([protobuf.status, protobuf.headers.get('content-type')]).toEqual([401, 'application/x-protobuf']);
});

test('a key for one project does not write into another one that the path names', async () => {
  const team = await useTeam();
  await team.ready;
  const path = '/api/ingestion/publish_llm_events';
  expect((await team.publish('shop-key', [prompt()], `/p/shop${path}`)).status).toBe(200);
  expect((await team.publish('shop-key', [prompt()], `/p/docs${path}`)).status).toBe(403);
  expect((await team.publish('shop-key', [prompt()], `/p/new${path}`)).status).toBe(403);
  expect(await promptsOf(team, 'docs')).toEqual([]);
});

test('a reader sees the projects of the token alone, in every route', async () => {
  const team = await useTeam();
  await team.ready;
  await team.publish('docs-key', [prompt({ properties: { $event_id: 'secret' } })]);
  for (const route of [
    'records',
    'records/secret',
    'users',
    'threads',
    'stats',
    'export',
    'live',
    'rejections',
    'intake',
    'audit',
    'erasure?user=ada',
  ]) {
    const response = await team.read(`/p/docs/api/${route}`, 'shop-reader');
    await response.body?.cancel();
    expect([route, response.status]).toEqual([route, 403]);
  }
  for (const page of ['/p/docs/', '/p/docs/people', '/p/docs/page.js'])
    expect([page, (await team.read(page, 'shop-reader')).status]).toEqual([page, 403]);
  expect((await team.read('/p/docs/api/records', 'admin')).status).toBe(200);
});

test('names that are no project are refused, and make none', async () => {
  const opened: string[] = [];
  const team = await useTeam({
    openStore: (project) => {
      opened.push(project);
      return Promise.resolve(new MemoryStore());
    },
  });
  await team.ready;
  for (const name of ['unknown', '%2e%2e%2fshop', 'shop%00', '__proto__', 'a'.repeat(300)])
    expect([name, (await team.read(`/p/${name}/api/records`)).status]).toEqual([name, 403]);
  expect(opened.toSorted()).toEqual(['docs', 'shop']);
});

test('without a project in the path, a reader of one project gets it, one of several is asked', async () => {
  const team = await useTeam();
  await team.ready;
  await team.publish('shop-key', [prompt({ prompt: 'of the shop' })]);
  expect(await (await team.read('/api/records', 'shop-reader')).json()).toMatchObject({
    records: [{ prompt: 'of the shop' }],
  });
  const several = await team.read('/api/records', 'admin');
  expect([several.status, await several.json()]).toEqual([
    400,
    { detail: expect.stringContaining('/p/<project>/api/records') },
  ]);
  const view = await team.read('/people?user=ada', 'shop-reader');
  expect([view.status, view.headers.get('location')]).toEqual([302, '/p/shop/people?user=ada']);
  const slash = await team.read('/people/?user=ada', 'shop-reader');
  expect(slash.headers.get('location')).toBe('/p/shop/people?user=ada');
});

test('a reader is told which projects there are', async () => {
  const team = await useTeam({ tokens: 'shop=shop-reader,shop+docs=both,*:delete=admin' });
  await team.ready;
  const listed = async (token: string): Promise<unknown> => (await team.read('/api/projects', token)).json();
  expect(await listed('shop-reader')).toMatchObject({ projects: ['shop'], reader: { mayDelete: false } });
  expect(await listed('both')).toMatchObject({ projects: ['docs', 'shop'] });
  expect(await listed('admin')).toMatchObject({ projects: ['docs', 'shop'], reader: { mayDelete: true } });
});

test('what one server took in is read and seen live on another one over the same stores', async () => {
  const openStore = sharedStores();
  const [first, second] = [await useTeam({ openStore }), await useTeam({ openStore })];
  await Promise.all([first.ready, second.ready]);
  const page = await second.read('/p/shop/api/live', 'shop-reader');
  const reader = page.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  const reading = (async () => {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) seen += next.value;
  })();
  await first.publish('shop-key', [prompt({ prompt: 'across servers' })]);
  await eventually(() => expect(seen).toContain('across servers'));
  expect(await promptsOf(second, 'shop', 'shop-reader')).toEqual(['across servers']);
  await reader?.cancel();
  await reading;
});

test('without keys and tokens there is one open project, and no other', async () => {
  const team = await useTeam({ keys: '', tokens: '', needsKey: false, needsReader: false });
  await team.ready;
  const anybody = await fetch(`${team.url}/api/records`);
  expect(anybody.status).toBe(200);
  expect((await team.publish('any', [prompt()])).status).toBe(200);
  expect((await team.publish('any', [prompt()], '/p/x/api/ingestion/publish_llm_events')).status).toBe(403);
  expect((await fetch(`${team.url}/p/x/api/records`)).status).toBe(403);
});

test.each([true, false])(
  'behind a proxy with a path, projects are below that path, whether the proxy removes it: %s',
  async (removesPath) => {
    const team = await useTeam({ basePath: '/tools/trubrics' });
    await team.ready;
    const base = removesPath ? '' : '/tools/trubrics';
    expect((await fetch(`${team.url}${base}/readyz`)).status).toBe(200);
    const sent = await team.publish(
      'shop-key',
      [prompt()],
      `${base}/p/shop/api/ingestion/publish_llm_events`,
    );
    expect(sent.status).toBe(200);
    const view = await team.read(`${base}/people`, 'shop-reader');
    expect([view.status, view.headers.get('location')]).toEqual([302, '/tools/trubrics/p/shop/people']);
    const page = await (await team.read(`${base}/p/shop/people`, 'admin')).text();
    expect(page).toContain('data-base="/tools/trubrics/p/shop"');
    expect(page).toContain('src="/tools/trubrics/p/shop/page.js"');
    expect(page).toContain('&quot;docs&quot;:&quot;/tools/trubrics/p/docs&quot;');
    expect(await (await team.read(`${base}/p/shop/api/records`)).json()).toMatchObject({ total: 1 });
  },
);
