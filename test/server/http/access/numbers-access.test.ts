import { expect, test } from 'vitest';
import { MemoryStore } from '../../../../src/server/index.js';
import { contentsOf, ROUTE_CONTENTS } from '../../../../src/server/http/access/route-contents.js';
import { createProject } from '../../../../src/server/http/project.js';
import { ByteBudget } from '../../../../src/server/ingest/body/byte-budget.js';
import { prompt } from '../../../support/server-requests.js';
import { useTeam, type TestTeam } from '../../../support/use-team.js';

/** A word in every text of the records. */
const SECRET = 'xylophone';
const TOKENS = 'shop:numbers=numbers,shop:edit:delete=all,shop:numbers:delete=clerk';

/** Returns the paths of the JSON API that answer a GET, as patterns. */
function readRoutes(): readonly string[] {
  const { routes } = createProject({
    store: new MemoryStore(),
    budget: new ByteBudget(),
    requesterOf: () => ({ access: 'open' }),
  }).routes;
  const paths = routes.filter(({ method }) => method === 'GET').map(({ path }) => path);
  return [...new Set(paths)].filter((path) => path.startsWith('/api/'));
}

/** A server whose records have the word in every text that a record can have. */
async function useSecrets(): Promise<TestTeam> {
  const team = await useTeam({ keys: 'shop=shop-key', tokens: TOKENS });
  await team.ready;
  const properties = { $event_id: 'one', plan: SECRET, environment: 'production', system_prompt: SECRET };
  const texts = { prompt: `Where is my ${SECRET}?`, generation: `The ${SECRET} is here.` };
  await team.publish('shop-key', [prompt({ ...texts, thread_id: 't', properties })]);
  const comment = { record_id: 'one', feedback_type: 'thumbs', value: -1, comment: `A bad ${SECRET}` };
  const events = [{ event: 'feedback', user_id: 'ada', properties: comment }];
  await team.publish('shop-key', events, '/api/ingestion/publish_events');
  const put = (path: string, value: unknown): Promise<Response> =>
    fetch(`${team.url}/p/shop/api/documents/${path}`, {
      method: 'PUT',
      headers: { authorization: 'Bearer all' },
      body: JSON.stringify(value),
    });
  await put('segment/searchers', { filters: [`q=${SECRET}`] });
  await put('segment/ada', { filters: ['user=ada'] });
  await put(`note/one`, { text: SECRET });
  await put('topic/own', { name: SECRET, terms: [SECRET] });
  return team;
}

test('every route of the JSON API says whether it answers with texts', () => {
  const known = Object.keys(ROUTE_CONTENTS);
  const routes = readRoutes().filter((path) => !path.startsWith('/api/documents/'));
  expect(routes.length).toBeGreaterThan(15);
  expect(routes.filter((path) => !known.includes(path))).toEqual([]);
  expect(known.filter((path) => !routes.includes(path))).toEqual([]);
});

test('a path that is not listed counts as one with texts', () => {
  for (const path of [
    '/api/new',
    '/api/stats/',
    '/api/documents',
    '/api/documents/audit/x',
    '/api/records/stats',
  ])
    expect([path, contentsOf(path)]).toEqual([path, 'texts']);
  expect(contentsOf('/api/documents/view/x')).toBe('numbers');
});

test('with numbers alone, routes with texts are refused, and no other answer has a text', async () => {
  const team = await useSecrets();
  const parameters = 'user=ada&measure=prompts,bad&by=user&since=2020-01-01&segment=ada';
  for (const route of readRoutes())
    for (const kind of ['note', 'dataset', 'topic', 'state', 'view', 'segment', 'rule', 'setting']) {
      if (!route.includes(':kind') && kind !== 'note') continue;
      const path = route.replace(':kind', kind).replace(':name', 'one').replace(':id', 'one');
      for (const method of ['GET', 'HEAD']) {
        const answer = await team.read(`/p/shop${path}?${parameters}`, 'numbers', { method });
        const body = await answer.text();
        expect([path, answer.status === 403]).toEqual([path, contentsOf(path) === 'texts']);
        const isExplained = body.includes('You may see numbers, and no texts');
        expect([path, isExplained]).toEqual([path, method === 'GET' && answer.status === 403]);
        expect([path, body.includes(`my ${SECRET}`) || body.includes(`"text":"${SECRET}`)]).toEqual([
          path,
          false,
        ]);
      }
    }
  const stats = await (await team.read('/p/shop/api/stats', 'numbers')).text();
  expect(stats).toContain('"prompts":1');
  expect(stats).not.toContain(SECRET);
});

const TELLING = [
  `q=${SECRET}`,
  `q=-${SECRET}`,
  'topic=own',
  'segment=searchers',
  'not.segment=searchers',
  'segment=ada&segment=searchers',
  `prop.plan=${SECRET}`,
  `not.prop.plan=${SECRET}`,
  'by=prop.plan',
  'by=prop.system_prompt',
  `against=${encodeURIComponent(`q=${SECRET}`)}`,
  `against=${encodeURIComponent(`not.prop.plan=${SECRET}`)}`,
  `against=${encodeURIComponent(`user=ada&against=user=ada`)}&q=${SECRET}`,
];

test('with numbers alone, no parameter makes numbers tell a text', async () => {
  const team = await useSecrets();
  for (const parameters of TELLING)
    for (const route of ['stats', 'measure', 'compare', 'users', 'activity', 'internal', 'audit']) {
      const path = `/p/shop/api/${route}?measure=prompts&${parameters}`;
      const refused = await team.read(path, 'numbers');
      expect([path, refused.status, await refused.text()]).toEqual([
        path,
        403,
        expect.stringContaining('would tell texts'),
      ]);
    }
  for (const parameters of TELLING) {
    const path = `/p/shop/api/measure?measure=prompts&since=30d&${parameters}`;
    expect([path, (await team.read(path, 'all')).status]).toEqual([path, 200]);
  }
});

test('with numbers alone, people, models, releases and numeric properties can be asked for', async () => {
  const team = await useSecrets();
  for (const parameters of [
    'measure=prompts,cost,prop.top_p:p95&by=user&user=ada&thread=t',
    'measure=errors&by=environment&prop.environment=production&segment=ada&internal=show',
    'measure=people&by=organization&not.prop.organization_id=acme&q=',
  ]) {
    const answer = await team.read(`/p/shop/api/measure?${parameters}`, 'numbers');
    expect([parameters, answer.status]).toEqual([parameters, 200]);
  }
  expect((await team.read('/p/shop/api/measure?measure=x', 'numbers')).status).toBe(400);
  expect((await team.read('/p/shop/api/stats?segment=unknown', 'numbers')).status).toBe(400);
});

test('a setting names further properties whose values may be seen', async () => {
  const team = await useSecrets();
  await fetch(`${team.url}/p/shop/api/documents/setting/numbers-properties`, {
    method: 'PUT',
    headers: { authorization: 'Bearer all' },
    body: JSON.stringify({ properties: ['plan'] }),
  });
  const status = async (parameters: string): Promise<number> =>
    (await team.read(`/p/shop/api/measure?measure=prompts&${parameters}`, 'numbers')).status;
  expect(await status('by=prop.plan&prop.plan=pro')).toBe(200);
  expect(await status('by=prop.system_prompt')).toBe(403);
});

test('a rule of internal traffic that searches is not switched by who sees numbers alone', async () => {
  const team = await useSecrets();
  await fetch(`${team.url}/p/shop/api/documents/setting/internal-traffic`, {
    method: 'PUT',
    headers: { authorization: 'Bearer all' },
    body: JSON.stringify({ filters: [`q=${SECRET}`] }),
  });
  for (const path of ['stats?internal=show', 'stats?internal=only', 'internal'])
    expect([path, (await team.read(`/p/shop/api/${path}`, 'numbers')).status]).toEqual([path, 403]);
  expect((await team.read('/p/shop/api/stats', 'numbers')).status).toBe(200);
  expect((await team.read('/p/shop/api/stats?internal=show', 'all')).status).toBe(200);
});

test('with numbers and the right to delete, somebody is forgotten without being read', async () => {
  const team = await useSecrets();
  expect((await team.read('/p/shop/api/records?user=ada', 'clerk')).status).toBe(403);
  const mentions = [{ kind: 'segment', name: 'ada' }];
  expect(await (await team.read('/p/shop/api/erasure?user=ada', 'clerk')).json()).toMatchObject({
    prompts: 1,
    mentions,
  });
  // Which notes and topics have a word would tell their texts.
  const named = async (token: string): Promise<unknown> =>
    (
      (await (await team.read(`/p/shop/api/erasure?user=${SECRET}`, token)).json()) as {
        mentions: { kind: string }[];
      }
    ).mentions.map(({ kind }) => kind);
  expect(await named('clerk')).toEqual(['segment']);
  expect(await named('all')).toEqual(['segment', 'topic', 'note']);
  const forgotten = await team.read('/p/shop/api/records?user=ada', 'clerk', { method: 'DELETE' });
  expect(await forgotten.json()).toMatchObject({ prompts: 1, mentions });
  expect((await team.read('/p/shop/api/records?user=ada', 'numbers', { method: 'DELETE' })).status).toBe(403);
});
