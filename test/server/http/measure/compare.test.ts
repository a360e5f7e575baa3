import { expect, test } from 'vitest';
import type { CompareResponse } from '../../../../src/server/http/answers/compare-response.js';
import { getJson, post, prompt } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';

/** Two weeks of requests: in the second, one customer more, and another model that fails more often. */
async function useSeeded() {
  const server = await useServer();
  const asked = (id: string, day: string, model: string, organization: string) =>
    prompt({
      user_id: `user-of-${organization}`,
      assistant_id: model,
      timestamp: `2026-03-${day}T12:00:00Z`,
      properties: { $event_id: id, organization_id: organization },
    });
  const failed = (id: string, day: string, model: string, organization: string) => ({
    user_id: `user-of-${organization}`,
    event: 'LLM error',
    timestamp: `2026-03-${day}T12:00:00Z`,
    properties: { $event_id: id, error_type: 'Timeout', model, organization_id: organization },
  });
  await post(server, [
    ...['1', '2', '3', '4'].map((id) => asked(`a${id}`, '03', 'old', 'acme')),
    ...['1', '2', '3'].map((id) => asked(`b${id}`, '10', 'old', 'acme')),
    ...['1', '2', '3', '4'].map((id) => asked(`c${id}`, '11', 'new', 'blue')),
  ]);
  const errors = [failed('x', '04', 'old', 'acme'), failed('y', '10', 'old', 'acme')];
  await post(
    server,
    [...errors, ...['1', '2'].map((id) => failed(`z${id}`, '12', 'new', 'blue'))],
    {},
    'publish_events',
  );
  return server;
}

const WEEK = 'since=2026-03-09&until=2026-03-15T23:59:59.999Z';

test('a week is compared with the week before, by groups that add up to the change', async () => {
  const server = await useSeeded();
  const path = `/api/compare?measure=requests,errorRate,people&by=model&${WEEK}`;
  const answer = await getJson<CompareResponse>(server, path);
  expect(answer.periods).toEqual({
    current: { from: Date.UTC(2026, 2, 9), to: Date.UTC(2026, 2, 16) },
    before: { from: Date.UTC(2026, 2, 2), to: Date.UTC(2026, 2, 9) },
    isRunning: false,
  });
  // 10 requests after 5; 3 of 10 errors after 1 of 5; two people after one.
  expect(answer.changes).toMatchObject([
    { value: 10, before: 5, change: 1, judgement: null },
    { value: 0.3, n: 10, before: 0.2, nBefore: 5, change: 10, unit: 'points', judgement: 'worse' },
    { value: 2, before: 1, change: 1, judgement: 'better' },
  ]);
  // The new model: 6 of 10 requests at 1/3. The old one: 1/4 of 4 after 1/5 of 5.
  expect(answer.groups).toMatchObject([
    {
      name: 'new',
      changes: [
        { value: 6, before: 0, isNew: true, change: null },
        { value: expect.closeTo(1 / 3), before: null, change: null },
        {},
      ],
      contributions: [
        { difference: 6, share: 1.2 },
        { mix: expect.closeTo(60 * (1 / 3 - 0.25)), rate: 0 },
        null,
      ],
    },
    {
      name: 'old',
      changes: [{ value: 4, before: 5, change: -0.2 }, { change: 5 }, {}],
      contributions: [
        { difference: -1, share: -0.2 },
        { mix: expect.closeTo(-60 * (0.225 - 0.25)), rate: expect.closeTo(3.5) },
        null,
      ],
    },
  ]);
  expect(answer.other).toBeNull();
});

test('groups that are not listed contribute together', async () => {
  const server = await useSeeded();
  const answer = await getJson<CompareResponse>(
    server,
    `/api/compare?measure=requests&by=model&limit=1&${WEEK}`,
  );
  expect(answer.groups.map(({ name }) => name)).toEqual(['new']);
  expect(answer.other).toEqual({ groups: 1, contributions: [{ difference: -1, share: -0.2 }] });
});

test('two models, or two of anything, are compared by filters in place of a period', async () => {
  const server = await useSeeded();
  const against = encodeURIComponent('model=old&since=2026-03-11');
  const answer = await getJson<CompareResponse>(
    server,
    `/api/compare?measure=requests&model=new&${WEEK}&against=${against}`,
  );
  expect([answer.periods, answer.changes]).toMatchObject([null, [{ value: 6, before: 0, isNew: true }]]);
  const all = await getJson<CompareResponse>(
    server,
    `/api/compare?measure=prompts&model=new&against=model%3Dold`,
  );
  expect(all.changes).toMatchObject([{ value: 4, before: 7 }]);
});

test('what is running is compared with the same part of the period before', async () => {
  const server = await useSeeded();
  const { periods } = await getJson<CompareResponse>(
    server,
    '/api/compare?measure=prompts&period=week&timezone=Asia/Kathmandu',
  );
  const length = ({ from, to }: { from: number; to: number }): number => to - from;
  expect(periods?.isRunning).toBe(true);
  expect(length(periods?.current ?? { from: 0, to: 0 })).toBe(length(periods?.before ?? { from: 0, to: 0 }));
  const complete = await getJson<CompareResponse>(
    server,
    '/api/compare?measure=prompts&period=day&parts=complete&against=same-weekday',
  );
  expect((complete.periods?.current.from ?? 0) - (complete.periods?.before.from ?? 0)).toBe(7 * 86_400_000);
});

test.each([
  ['measure=prompts', /^A comparison with the period before needs since, or period=week$/],
  [
    'measure=prompts&since=7d&against=yesterday',
    /^against must be one of previous, same-weekday, or filters such as model%3Dgpt-4o$/,
  ],
  ['measure=prompts&period=year', /^period must be one of day, week, month$/],
  ['measure=prompts&since=7d&parts=some', /^parts must be one of elapsed, complete$/],
  ['measure=prompts&since=1h&parts=complete', /^There is no complete day since then/],
  ['measure=prompts&against=since%3Dsoon', /^since must be/],
  ['since=7d', /^measure must name/],
])('GET /api/compare?%s is refused with the reason', async (parameters, detail) => {
  const server = await useServer();
  const response = await fetch(`${server.url}/api/compare?${parameters}`);
  expect([response.status, await response.json()]).toEqual([400, { detail: expect.stringMatching(detail) }]);
});
