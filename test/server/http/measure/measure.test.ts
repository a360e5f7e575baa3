import { expect, test } from 'vitest';
import { TrubricsClient } from '../../../../src/index.js';
import { getJson, post, prompt } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';
import type { MeasureResponse } from '../../../../src/server/http/answers/measure-response.js';

const DAY = '2026-03-';

async function useSeeded() {
  const server = await useServer();
  const asked = (id: string, user: string, day: string, properties: Record<string, unknown>) =>
    prompt({
      user_id: user,
      assistant_id: 'm1',
      timestamp: `${DAY}${day}T12:00:00Z`,
      properties: { $event_id: id, ...properties },
    });
  await post(server, [
    asked('1', 'ada', '02', { organization_id: 'acme', service_version: '1.0', size: 3 }),
    asked('2', 'ada', '03', { organization_id: 'acme', service_version: '1.1', size: '4.5' }),
    asked('3', 'bob', '09', { organization_id: 'blue, inc', service_version: '1.1', '50%, a': 2 }),
    asked('4', 'test-bot', '09', { environment: 'test' }),
  ]);
  return server;
}

test('measures are asked for in the URL, with filters, by a dimension and by time', async () => {
  const server = await useSeeded();
  const path = '/api/measure?measure=prompts,people&by=organization&step=week&user=ada&user=bob';
  const answer = await getJson<MeasureResponse>(server, path);
  expect(answer).toEqual({
    measures: ['prompts', 'people'],
    by: 'organization',
    total: {
      values: [3, 2],
      n: [null, null],
      series: [
        [2, 1],
        [1, 1],
      ],
      seriesN: [
        [null, null],
        [null, null],
      ],
    },
    groups: [
      {
        name: 'acme',
        values: [2, 1],
        n: [null, null],
        series: [
          [2, 0],
          [1, 0],
        ],
        seriesN: [
          [null, null],
          [null, null],
        ],
      },
      {
        name: 'blue, inc',
        values: [1, 1],
        n: [null, null],
        series: [
          [0, 1],
          [0, 1],
        ],
        seriesN: [
          [null, null],
          [null, null],
        ],
      },
    ],
    other: null,
    groupCount: 2,
    steps: {
      step: 'week',
      timeZone: 'UTC',
      at: [Date.UTC(2026, 2, 2), Date.UTC(2026, 2, 9)],
      end: Date.UTC(2026, 2, 16),
      outside: 0,
    },
  });
});

test('the numbers of a property are measured, whatever its name is', async () => {
  const server = await useSeeded();
  const measure = 'prop.size:sum,prop.size:mean,prop.50%25%2C a:p95';
  const answer = await getJson<MeasureResponse>(
    server,
    `/api/measure?measure=${encodeURIComponent(measure)}&by=release&order=prompts&limit=1`,
  );
  expect(answer).toMatchObject({
    measures: ['prop.size:sum', 'prop.size:mean', 'prop.50%25%2C a:p95'],
    by: 'release',
    total: { values: [7.5, 3.75, 2], n: [2, 2, 1] },
    groups: [{ name: '1.1', values: [4.5, 4.5, 2] }],
  });
});

test('internal traffic is left out, as everywhere', async () => {
  const server = await useSeeded();
  const count = async (more: string) =>
    (await getJson<MeasureResponse>(server, `/api/measure?measure=prompts${more}`)).total.values;
  expect(await count('')).toEqual([3]);
  expect(await count('&internal=show')).toEqual([4]);
});

test.each([
  ['', /^measure must name what is counted, such as cost,people$/],
  ['measure=', /^measure must name what is counted, such as cost,people$/],
  [
    'measure=money',
    /^measure: there is no measure "money"\. Measures are records, .* and prop\.<name>:<function> with count, sum, mean, p50, p95$/,
  ],
  ['measure=prop.size', /there is no measure "prop\.size"/],
  ['measure=prop.size:max', /there is no measure "prop\.size:max"/],
  [
    'measure=prompts&by=colour',
    /^by must be one of model, user, organization, .*, or prop\.<name> for a property$/,
  ],
  ['measure=prompts&by=prop.', /^by must be one of/],
  ['measure=prompts&step=year', /^step must be one of hour, day, week, month$/],
  ['measure=prompts&order=size', /^order: there is no measure "size"/],
  ['measure=prompts&limit=many', /^limit must be a whole number$/],
  ['measure=prompts&step=day&timezone=Mars', /^timezone must be a name of the IANA/],
  [
    'measure=prompts&step=hour&since=2020-01-01',
    /^step=hour would make \d+ steps of this time; at most 1000 are possible\. Choose a longer step, or a later since$/,
  ],
  [
    `measure=${Array.from({ length: 21 }, (_, i) => `prop.p${i}:sum`).join(',')}`,
    /^measure takes at most 20 measures$/,
  ],
])('GET /api/measure?%s is refused with the reason', async (parameters, detail) => {
  const server = await useSeeded();
  const response = await fetch(`${server.url}/api/measure?${parameters}`);
  expect([response.status, await response.json()]).toEqual([400, { detail: expect.stringMatching(detail) }]);
});

test('a thumb that the client takes back is counted no more', async () => {
  const server = await useServer();
  const client = new TrubricsClient({ host: server.ingestionUrl });
  const { id: recordId } = client.trackPrompt({
    userId: 'ada',
    prompt: 'Why?',
    generation: 'So.',
    assistantId: 'm',
  });
  const rated = async () =>
    (await getJson<MeasureResponse>(server, '/api/measure?measure=rated,bad')).total.values;
  client.trackFeedback({ recordId, userId: 'ada', score: '👎' });
  client.trackFeedback({ recordId, userId: 'rita', score: '👍', properties: { source: 'reviewer' } });
  await client.flush();
  expect(await rated()).toEqual([1, 1]);
  client.trackFeedback({ recordId, userId: 'ada', score: null });
  await client.shutdown();
  expect(await rated()).toEqual([0, 0]);
});
