import { expect, test } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../../src/server/index.js';
import type {
  ComparedActivity,
  ComparedRetention,
} from '../../../../src/server/insights/compare/compare-people.js';
import { getJson } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';
import { numbered } from '../../engines/stored.js';

const MONDAY = Date.UTC(2026, 2, 2, 12);
const DAY = 86_400_000;

async function useVisited() {
  const store = new MemoryStore();
  const visit = (userId: string, day: number, properties: NewRecord['properties'] = {}): NewRecord => {
    const timestamp = new Date(MONDAY + day * DAY).toISOString();
    return { ...numbered(1), id: `${userId} ${day}`, userId, timestamp, receivedAt: timestamp, properties };
  };
  await store.put([
    visit('ada', 0, { organization_id: 'acme', team: 'red' }),
    visit('ada', 8, { organization_id: 'acme', team: 'red' }),
    visit('bob', 1, { organization_id: 'acme', team: 'blue' }),
    visit('cy', 7),
    visit('anonymous', 8),
    visit('robot', 8, { environment: 'ci' }),
  ]);
  return useServer({ store });
}

const RANGE = 'since=2026-03-02T12:00:00Z&until=2026-03-10T12:00:00Z';

test('GET /api/activity counts active people of each period, without internal traffic and anonymous records', async () => {
  const server = await useVisited();
  const { periods, ...rest } = await getJson<{ periods: Record<string, unknown>[] }>(
    server,
    `/api/activity?step=week&timezone=Europe/Berlin&${RANGE}`,
  );
  expect(periods).toEqual([
    {
      at: Date.UTC(2026, 2, 1, 23),
      end: Date.UTC(2026, 2, 8, 23),
      isRunning: false,
      active: 2,
      new: 2,
      returning: 0,
      resurrected: 0,
      dormant: 0,
      prompts: 2,
      unattributed: 0,
    },
    {
      at: Date.UTC(2026, 2, 8, 23),
      end: Date.UTC(2026, 2, 15, 23),
      isRunning: false,
      active: 2,
      new: 1,
      returning: 1,
      resurrected: 0,
      dormant: 1,
      prompts: 3,
      unattributed: 1,
    },
  ]);
  expect(rest).toEqual({
    step: 'week',
    timeZone: 'Europe/Berlin',
    total: { active: 3, prompts: 5, unattributed: 1 },
    isUncertain: false,
  });
  const active = async (query: string) =>
    (
      await getJson<{ periods: { active: number }[] }>(server, `/api/activity?${RANGE}&step=week&${query}`)
    ).periods.map((period) => period.active);
  expect(await active('internal=show')).toEqual([2, 3]);
  expect(await active('by=organization')).toEqual([1, 1]);
  expect(await active('by=prop.team')).toEqual([2, 1]);
  expect(await active('user=cy')).toEqual([0, 1]);
});

test('GET /api/retention says how many of a cohort came back in each week', async () => {
  const server = await useVisited();
  const { cohorts, mean } = await getJson<{ cohorts: unknown[]; mean: unknown[] }>(
    server,
    `/api/retention?${RANGE}`,
  );
  const cell = (people: number, share: number) => ({ people, share, isRunning: false });
  expect(cohorts).toEqual([
    { at: Date.UTC(2026, 2, 2), size: 2, weeks: [cell(2, 1), cell(1, 0.5)] },
    { at: Date.UTC(2026, 2, 9), size: 1, weeks: [cell(1, 1), null] },
  ]);
  expect(mean).toEqual([
    { share: 1, of: 3 },
    { share: 0.5, of: 2 },
  ]);
});

test('GET /api/organizations lists them with their numbers, and apart from them the records without one', async () => {
  const server = await useVisited();
  const list = await getJson(server, '/api/organizations');
  expect(list).toMatchObject({
    organizations: [{ name: 'acme', people: 2, prompts: 3, cost: null }],
    total: 1,
    without: { people: 1, prompts: 2 },
  });
  expect(await getJson(server, '/api/organizations?by=prop.team&limit=1')).toMatchObject({
    organizations: [{ name: 'blue', people: 1, prompts: 1 }],
    total: 2,
    without: { people: 1, prompts: 2 },
  });
});

test.each([
  'activity?step=hour',
  'activity?by=model',
  'activity?timezone=Mars',
  'retention?mode=out',
  'retention?limit=x',
  'organizations?by=user',
  'activity?internal=maybe',
  'retention?segment=gone',
])('GET /api/%s is a bad request', async (path) => {
  const server = await useServer();
  const answer = await fetch(`${server.url}/api/${path}`);
  expect([answer.status, await answer.json()]).toEqual([400, { detail: expect.any(String) }]);
});

test('people who are active or came back are compared with another time, or with other filters, if asked', async () => {
  const server = await useVisited();
  const activity = async (query: string) =>
    (
      await getJson<ComparedActivity>(
        server,
        `/api/activity?step=week&since=2026-03-09&until=2026-03-10&${query}`,
      )
    ).against;
  expect(await activity('against=previous')).toMatchObject({
    periods: [{ at: Date.UTC(2026, 2, 2), active: 2, new: 2 }],
    changes: [{ value: 2, before: 2, change: 0 }],
  });
  expect(await activity('prop.team=blue&against=prop.team%3Dred')).toMatchObject({
    periods: [{ at: Date.UTC(2026, 2, 9), active: 1, returning: 1 }],
    totalChange: { value: 0, before: 1, change: -1, judgement: 'worse' },
  });
  const { against } = await getJson<ComparedRetention>(
    server,
    `/api/retention?prop.team=red&since=2026-03-02&until=2026-03-10&against=prop.team%3Dblue`,
  );
  expect(against.mean).toEqual([
    { share: 1, of: 1 },
    { share: 0, of: 1 },
  ]);
  expect(against.changes[1]).toMatchObject({ value: 1, before: 0, change: 100, unit: 'points' });
  for (const wrong of [
    'activity?against=yesterday',
    'activity?since=7d&against=since%3D14d%26until%3D7d',
    'activity?since=2001-01-01&until=2001-01-02&against=until%3D7d',
    'retention?against=prop.team%3Dblue%26since%3D30d',
  ]) {
    const answer = await fetch(`${server.url}/api/${wrong}`);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { detail: expect.stringMatching(/^against /) },
    ]);
  }
});
