import { expect, test } from 'vitest';
import type { Summary } from '../../../../src/server/insights/summary/summary.js';
import {
  MemoryStore,
  type MeasureAnswer,
  type MeasureRequest,
  type RecordQuery,
} from '../../../../src/server/index.js';
import { getJson, post, prompt } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function useSeeded() {
  const server = await useServer();
  const asked = (id: string, user: string, days: number, properties: Record<string, unknown> = {}) =>
    prompt({
      user_id: user,
      assistant_id: 'm1',
      thread_id: `thread-${user}`,
      timestamp: new Date(Date.now() - days * DAY - HOUR).toISOString(),
      properties: { $event_id: id, ...properties },
    });
  await post(server, [
    asked('1', 'ada', 1, { cost: 2, service_version: '1.1' }),
    asked('2', 'ada', 8, { cost: 1, service_version: '1.0' }),
    asked('3', 'bob', 9, { service_version: '1.0' }),
    asked('4', 'cleo', 2, { cost: 1, service_version: '1.1' }),
    asked('5', 'dora', 3, { prompt_version: 3 }),
    asked('6', 'dora', 40),
    asked('7', 'test-bot', 1, { environment: 'test' }),
    asked('8', 'anonymous', 1),
  ]);
  return server;
}

test('a summary is of the last 7 days beside the 7 days before, without internal traffic', async () => {
  const server = await useSeeded();
  const { periods, people, cost, changes } = await getJson<Summary>(server, '/api/summary');
  const [length, lengthBefore] = [periods?.current, periods?.before].map(
    (one) => (one?.to ?? 0) - (one?.from ?? 0),
  );
  expect([Math.round((length ?? 0) / DAY), lengthBefore, periods?.isRunning]).toEqual([7, length, true]);
  expect(people).toMatchObject({
    people: { value: 3, before: 2 },
    requests: { value: 4, before: 2 },
    anonymous: { value: 1, before: 0 },
    flow: { new: 1, returning: 1, resurrected: 1, gone: 1, isUncertain: false },
  });
  expect(cost).toMatchObject({
    cost: { value: 3, before: 1, n: 2 },
    unpricedCalls: { value: 2, before: 1 },
    costPerCall: { value: 1.5, before: 1, judgement: null },
    costPerPerson: { value: 1, before: 0.5 },
    models: [{ name: 'm1', change: { value: 3 } }],
    customers: { by: 'user', groups: [{ name: 'ada' }, { name: 'cleo' }] },
  });
  expect(
    changes.dimensions.map(({ dimension, isKnown, arrivals }) => [dimension, isKnown, arrivals.length]),
  ).toEqual([
    ['release', true, 1],
    ['prompt', false, 0],
    ['prompt_version', true, 1],
    ['model', true, 0],
  ]);
  expect(changes.dimensions[0]?.arrivals[0]).toMatchObject({
    name: '1.1',
    predecessor: '1.0',
    requests: { value: 2, before: 2 },
    // Too few to say that anything rose.
    risen: [],
  });
  expect(people.series.people.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(3);
});

test('a summary takes filters, a period of the calendar and a time zone, and refuses what it cannot read', async () => {
  const server = await useSeeded();
  const ada = await getJson<Summary>(server, '/api/summary?user=ada&since=30d&timezone=Asia/Kathmandu');
  expect([ada.timeZone, ada.people.people.value, ada.people.flow?.new]).toEqual(['Asia/Kathmandu', 1, 1]);
  const month = await getJson<Summary>(server, '/api/summary?period=month&parts=complete');
  expect(month.periods?.isRunning).toBe(false);
  const part = await getJson<object>(server, '/api/summary?part=outcomes');
  expect(Object.keys(part)).toEqual(['timeZone', 'periods', 'steps', 'outcomes']);
  for (const wrong of ['part=weather', 'timezone=Mars', 'since=yesterday', 'against=nothing', 'parts=half'])
    await expect(getJson(server, `/api/summary?${wrong}`)).rejects.toThrow('answered 400');
});

test('what is new is asked of a store at once for all dimensions, and then its quality where something is', async () => {
  const asked: number[] = [];
  class Store extends MemoryStore {
    measureEach(query: RecordQuery, requests: readonly MeasureRequest[]): Promise<readonly MeasureAnswer[]> {
      asked.push(requests.length);
      return Promise.all(requests.map((request) => this.measure(query, request)));
    }
  }
  const server = await useServer({ store: new Store() });
  const old = prompt({ timestamp: new Date(Date.now() - 8 * DAY).toISOString(), assistant_id: 'm1' });
  await post(server, [old, prompt({ assistant_id: 'm1' })]);
  await getJson<Summary>(server, '/api/summary?part=changes');
  await post(server, [prompt({ assistant_id: 'm2' })]);
  const { changes } = await getJson<Summary>(server, '/api/summary?part=changes');
  expect(changes.dimensions.map(({ arrivals }) => arrivals.length)).toEqual([0, 0, 0, 1]);
  expect(asked).toEqual([4, 4, 4, 4, 1, 1]);
});

test('a new version of any prompt is found, also one that is asked less than others, beside the version before of that prompt alone', async () => {
  const server = await useServer();
  const asked = (name: string, version: string, days: number, count: number) =>
    Array.from({ length: count }, (_, i) =>
      prompt({
        timestamp: new Date(Date.now() - days * DAY - HOUR).toISOString(),
        properties: {
          $event_id: `${name}-${version}-${days}-${i}`,
          prompt_name: name,
          prompt_version: version,
        },
      }),
    );
  const busy = ['a', 'b', 'c', 'd'].flatMap((name) => [...asked(name, '1', 8, 5), ...asked(name, '1', 1, 5)]);
  await post(server, [
    ...busy,
    ...asked('rare', '1', 8, 2),
    ...asked('rare', '2', 1, 1),
    ...asked('late', '1', 1, 1),
  ]);
  const { changes } = await getJson<Summary>(server, '/api/summary?part=changes');
  const versions = changes.dimensions.find(({ dimension }) => dimension === 'prompt_version');
  expect(
    versions?.arrivals.map(({ prompt: of, name, predecessor, requests }) => [
      of,
      name,
      predecessor,
      requests.before,
    ]),
  ).toEqual([
    ['late', '1', null, 0],
    ['rare', '2', '1', 2],
  ]);
});
