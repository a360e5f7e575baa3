import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { readTimeZone } from '../../../src/server/audience/project-time-zone.js';
import { MemoryStore } from '../../../src/server/index.js';
import { ROUTE_CONTENTS } from '../../../src/server/http/access/route-contents.js';
import { TIME_ZONE_SETTING } from '../../../src/server/model/time-zone.js';
import { getJson } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';
import { sharedStores, useTeam } from '../../support/use-team.js';
import { numbered } from '../engines/stored.js';

const DAY = 86_400_000;

test('days of every answer are those of the project, unless a request names another time zone', async () => {
  const store = new MemoryStore();
  const times = [3, 5].map((days) => new Date(Date.now() - days * DAY).toISOString());
  await store.put(times.map((timestamp, at) => ({ ...numbered(at), timestamp, receivedAt: timestamp })));
  const server = await useServer({ store });
  const since = Math.floor(Date.now() / DAY - 9) * DAY;
  // Midnight in Kathmandu is at a quarter past six in the evening of UTC.
  const minuteOf = (at: unknown): number => Math.floor((Number(at) % DAY) / 60_000);
  const midnights = async (query: string): Promise<number[]> => {
    type Periods = { readonly periods: { readonly current: { readonly to: number } } };
    const activity = await getJson<{ periods: { at: number }[] }>(server, `/api/activity?step=day${query}`);
    const retention = await getJson<{ cohorts: { at: number }[] }>(server, `/api/retention?${query}`);
    const measured = await getJson<{ steps: { at: number[] } }>(
      server,
      `/api/measure?measure=prompts&step=day&since=${since}${query}`,
    );
    const { series } = await getJson<{ series: { at: number[] } }>(
      server,
      `/api/stats?buckets=10&since=${since}&until=${since + 9 * DAY - 1}${query}`,
    );
    const compared = await Promise.all(
      ['compare?measure=prompts', 'summary?part=people', 'topics?'].map((path) =>
        getJson<Periods>(server, `/api/${path}&period=week&parts=complete${query}`),
      ),
    );
    const starts = [
      activity.periods.at(-1)?.at,
      retention.cohorts.at(-1)?.at,
      measured.steps.at.at(-1),
      ...compared.map(({ periods }) => periods.current.to),
    ];
    // Steps of the overview are shorter than a day.
    return [...starts.map(minuteOf), minuteOf(series.at[0]) % 60];
  };
  const inUtc = Array.from({ length: 7 }, () => 0);
  expect(await midnights('')).toEqual(inUtc);
  const put = (value: unknown): Promise<Response> =>
    fetch(`${server.url}/api/documents/setting/time-zone`, { method: 'PUT', body: JSON.stringify(value) });
  expect((await put({ timeZone: 'Asia/Kathmandu' })).status).toBe(201);
  expect(await midnights('')).toEqual([...inUtc.slice(1).map(() => 18 * 60 + 15), 15]);
  expect(await midnights('&timezone=UTC')).toEqual(inUtc);
  expect(await (await fetch(server.url)).text()).toContain('data-time-zone="Asia/Kathmandu"');
  for (const wrong of [{ timeZone: 'Mars/Base' }, { timezone: 'UTC' }, 'UTC', null])
    expect((await put(wrong)).status).toBe(422);
});

/** Parameters with which every route answers, and which name a day. */
const DAY_PARAMETERS = 'user=ada&measure=prompts&by=user&step=day&days=1&since=2026-11-03&until=2026-11-03';
const IN_UTC = [Date.UTC(2026, 10, 3), Date.UTC(2026, 10, 3, 23, 59, 59, 999)];
const IN_KATHMANDU = IN_UTC.map((time) => time - (5 * 60 + 45) * 60_000);

/** Returns everything that a value holds in places of this name. */
function valuesAt(name: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) => [
    ...(key === name ? [held] : []),
    ...valuesAt(name, held),
  ]);
}

test('no route asks a store for days of another time zone than that of the project', async () => {
  const store = new MemoryStore();
  await store.put([{ ...numbered(1), userId: 'ada', timestamp: '2026-11-03T10:00:00.000Z' }]);
  await store.documents.put({ ...TIME_ZONE_SETTING, value: { timeZone: 'Asia/Kathmandu' } });
  const server = await useServer({ store });
  const methods = Object.getOwnPropertyNames(MemoryStore.prototype).filter(
    (name) => name !== 'constructor' && typeof Reflect.get(store, name) === 'function',
  );
  const calls = methods.map((name) => vi.spyOn(store, name as 'list'));
  const asked = async (method: string, route: string, parameters: string): Promise<unknown[]> => {
    for (const call of calls) call.mockClear();
    const aborted = new AbortController();
    const url = `${server.url}${route}?${parameters}`;
    const response = await fetch(url, { method, signal: aborted.signal });
    expect([route, response.status < 500]).toEqual([route, true]);
    if (route !== '/api/live') await response.arrayBuffer();
    aborted.abort();
    return calls.flatMap(({ mock }) => mock.calls as unknown[]);
  };
  const routes = [
    ...Object.keys(ROUTE_CONTENTS).map((route) => ['GET', route] as const),
    ['POST', '/api/recompute'] as const,
  ];
  const withDays: string[] = [];
  for (const [method, route] of routes)
    for (const parameters of [DAY_PARAMETERS, `${DAY_PARAMETERS}&against=previous`]) {
      const args = await asked(method, route, parameters);
      const times = valuesAt('at', args);
      expect([route, IN_UTC.filter((time) => times.includes(time))]).toEqual([route, []]);
      if (IN_KATHMANDU.some((time) => times.includes(time))) withDays.push(route);
      const zones = [...valuesAt('timeZone', args), ...args.flat().filter((one) => one === 'UTC')];
      expect([route, zones.filter((zone) => zone !== 'Asia/Kathmandu')]).toEqual([route, []]);
    }
  expect(new Set(withDays).size).toBeGreaterThan(14);
});

test('an answer reads each document once, however many of its filters name a day', async () => {
  const store = new MemoryStore();
  await store.put([{ ...numbered(1), userId: 'ada', timestamp: '2026-11-03T10:00:00.000Z' }]);
  const filters = ['user=ada&since=2026-11-03'];
  for (const document of [
    { ...TIME_ZONE_SETTING, value: { timeZone: 'Asia/Kathmandu' } },
    { kind: 'setting', name: 'internal-traffic', value: { filters: ['tag=test&since=2026-11-03'] } },
    { kind: 'segment', name: 'a', value: { filters } },
    { kind: 'segment', name: 'b', value: { filters } },
    { kind: 'topic', name: 't', value: { name: 't', filters } },
  ])
    await store.documents.put(document);
  const server = await useServer({ store });
  const get = vi.spyOn(store.documents, 'get');
  const filtered = 'since=2026-11-03&until=2026-11-04&segment=a&not.segment=b&topic=t';
  const compared = `${filtered}&against=${encodeURIComponent('user=bob')}`;
  const earlier = `${filtered}&against=previous`;
  for (const path of [
    `stats?${filtered}`,
    `measure?measure=prompts&${filtered}`,
    ...[compared, earlier].flatMap((query) => [
      `compare?measure=prompts&${query}`,
      `summary?${query}`,
      `topics?${query}`,
    ]),
    `activity?${compared}`,
    `retention?${compared}`,
    `records?${filtered}`,
    `export?${filtered}`,
    `changes?${filtered}`,
  ]) {
    get.mockClear();
    const response = await fetch(`${server.url}/api/${path}`);
    await response.arrayBuffer();
    const ofFilters = get.mock.calls.filter(
      ([kind, name]) => kind !== 'setting' || ['time-zone', 'internal-traffic'].includes(name),
    );
    // Stores read documents of their own: the property of organizations, and `history/cut`.
    const reads = ofFilters.map(([kind, name]) => `${kind}/${name}`).filter((name) => name !== 'history/cut');
    expect([path, response.status, reads]).toEqual([path, 200, [...new Set(reads)]]);
    expect(reads).toEqual(expect.arrayContaining(['setting/time-zone', 'segment/b', 'topic/t']));
  }
});

test('only one function reads the time zone of a request, so that no route can forget the one of the project', async () => {
  const folder = fileURLToPath(new URL('../../../src/server', import.meta.url));
  const files = await readdir(folder, { recursive: true });
  const reading: string[] = [];
  for (const file of files.filter((name) => name.endsWith('.ts')))
    if (/get(?:All)?\('timezone'\)|query\('timezone'\)/.test(await readFile(join(folder, file), 'utf8')))
      reading.push(file);
  expect(reading).toEqual([join('audience', 'project-time-zone.ts')]);
});

test('a time zone that cannot be read counts as none', async () => {
  const { documents } = new MemoryStore();
  for (const value of [{ timeZone: 'Mars/Base' }, { timeZone: 7 }, 'UTC', null]) {
    await documents.put({ ...TIME_ZONE_SETTING, value });
    expect(await readTimeZone(documents)).toBeUndefined();
  }
});

test('a page that could not read the setting says so in its settings', async () => {
  const store = new MemoryStore();
  const server = await useServer({ store });
  const unread = async (): Promise<boolean> =>
    (await (await fetch(server.url)).text()).includes('data-time-zone-unread="true"');
  expect(await unread()).toBe(false);
  await store.documents.put({ ...TIME_ZONE_SETTING, value: { timeZone: 'Mars/Base' } });
  expect(await unread()).toBe(true);
  await store.documents.put({ ...TIME_ZONE_SETTING, value: { timeZone: 'Asia/Kathmandu' } });
  expect(await unread()).toBe(false);
  vi.spyOn(store.documents, 'get').mockRejectedValue(new Error('refused'));
  expect(await unread()).toBe(true);
});

test('while the setting cannot be read, requests about days are answered as others: 503 with the reason', async () => {
  const store = new MemoryStore();
  const server = await useServer({ store });
  vi.spyOn(store.documents, 'get').mockRejectedValue(
    Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
  );
  for (const path of ['stats', 'summary', 'topics', 'measure?measure=prompts']) {
    const response = await fetch(`${server.url}/api/${path}`);
    expect([path, response.status]).toEqual([path, 503]);
    expect(await response.text()).toContain('The records cannot be read');
  }
});

test('each project of a server has its own time zone, below a path as well', async () => {
  const openStore = sharedStores();
  const team = await useTeam({ openStore, basePath: '/t' });
  const timestamp = new Date().toISOString();
  for (const project of ['shop', 'docs'])
    await (await openStore(project)).put([{ ...numbered(1), timestamp, receivedAt: timestamp }]);
  const { documents } = await openStore('shop');
  await documents.put({ ...TIME_ZONE_SETTING, value: { timeZone: 'Asia/Kathmandu' } });
  const dayOf = async (project: string): Promise<number> => {
    const response = await team.read(`/t/p/${project}/api/activity?step=day`);
    const { periods } = (await response.json()) as { readonly periods: readonly { readonly at: number }[] };
    return ((periods.at(-1)?.at ?? NaN) % DAY) / 60_000;
  };
  expect([await dayOf('shop'), await dayOf('docs')]).toEqual([18 * 60 + 15, 0]);
});
