import fc from 'fast-check';
import { expect, test } from 'vitest';
import type {
  NewRecord,
  RecordQuery,
  RecordStore,
  Statistics,
  StoredRecord,
} from '../../../src/server/index.js';
import type { Engine } from './engine.js';
import { exported, numbered, useStore } from './stored.js';
import { MONTHS, monthOfRecords } from './month.js';
import { isPlausible, promptsByDay, recount, recountBetween, recountModels } from './recount.js';

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'] as const;
const HOUR = 3_600_000;

/** Holds an engine to the definitions of docs/numbers.md: everything is counted again from the records that it exports. */
export function checkNumbers(engine: Engine): void {
  test.each(Object.entries(MONTHS))(
    `${engine.name}: every number of a month in %s is the one that a plain count of its records gives`,
    async (_name, month) => {
      const store = await useStore(engine);
      await store.put(monthOfRecords(15, 3000, month));
      const queries: readonly RecordQuery[] = [
        {},
        { kinds: ['prompt'] },
        { models: ['gpt-4o'] },
        { errors: [true] },
        { users: ['user-1', 'fan-2'] },
        { tags: ['beta'], since: { at: month.from + 5 * 24 * HOUR } },
      ];
      for (const query of queries) {
        const records = await exported(store, query);
        const statistics = await store.statistics(query, 60);
        expect(statistics).toMatchObject(recount(records));
        checkModels(statistics, records);
        await checkLists(store, query, records);
      }
    },
  );

  test.each(ZONES)(
    `${engine.name}: days are those of a calendar in %s, also when clocks are set`,
    async (zone) => {
      for (const month of [MONTHS.spring, MONTHS.autumn]) {
        const store = await useStore(engine);
        await store.put(monthOfRecords(7, 2000, month));
        const records = await exported(store);
        const { series } = await store.statistics({}, 60, zone);
        expect([series.stepMs, series.timeZone]).toEqual([24 * HOUR, zone]);
        const clock = new Intl.DateTimeFormat('en-CA', {
          timeZone: zone,
          dateStyle: 'short',
          timeStyle: 'short',
          hourCycle: 'h23',
        });
        const starts = series.at.map((at) => clock.format(at).split(', '));
        expect(new Set(starts.map(([, time]) => time))).toEqual(new Set(['00:00']));
        const given = starts.map(([day], index) => [day, series.prompts[index]] as const);
        const expected = promptsByDay(records, zone);
        expect(new Map(given.filter(([, prompts]) => prompts !== 0))).toEqual(expected);
        expect(series.at).toEqual(series.at.toSorted((a, b) => a - b));
        // Days of 23, 24 and 25 hours, or of half an hour less and more.
        const lengths = new Set(series.at.map((at, index) => (series.at[index + 1] ?? series.end) - at));
        expect(lengths.size).toBe(zone === 'UTC' || zone === 'Asia/Kathmandu' ? 1 : 2);
      }
    },
  );

  test.each(ZONES)(
    `${engine.name}: each bar of a plot in %s counts the records from its start to its end`,
    async (zone) => {
      const store = await useStore(engine);
      await store.put(monthOfRecords(3, 1500));
      const records = await exported(store);
      for (const buckets of [2, 5, 24, 60, 250, 500]) {
        const { series } = await store.statistics({}, buckets, zone);
        expect(series.at.length).toBeLessThanOrEqual(buckets);
        const given = series.at.map((_, index) => ({
          prompts: series.prompts[index],
          requests: series.requests[index],
          errors: series.errors[index],
          inputTokens: series.inputTokens[index],
          outputTokens: series.outputTokens[index],
          totalTokens: series.totalTokens[index],
          cost: series.cost[index],
          pricedCalls: series.pricedCalls[index],
          unpricedCalls: series.unpricedCalls[index],
          p50: series.latencyP50[index],
          p95: series.latencyP95[index],
        }));
        const ends = [...series.at.slice(1), series.end];
        expect(given).toEqual(series.at.map((at, index) => recountBetween(records, at, ends[index] ?? 0)));
        const outside = records.filter(({ timestamp }) => {
          const at = Date.parse(timestamp);
          return at < (series.at[0] ?? 0) || at >= series.end;
        });
        expect([series.outside, outside.some((record) => isPlausible(record))]).toEqual([
          outside.length,
          false,
        ]);
        expect(outside.length).toBeGreaterThan(0);
      }
    },
  );

  test(`${engine.name}: a percentile is the value at index ceil(p * n) of the sorted latencies`, async () => {
    const p = async (latencies: readonly number[]) => {
      const store = await useStore(engine);
      await store.put(latencies.map((latency, id) => numbered(id, latency)));
      const { p50, p95, p99 } = (await store.statistics({}, 2)).latency;
      // A database may have no negative zero.
      return [p50, p95, p99].map((value) => (value === null ? null : value + 0));
    };
    expect(await p([9, 1])).toEqual([1, 9, 9]);
    expect(await p(Array.from({ length: 20 }, (_, i) => 20 - i))).toEqual([10, 19, 20]);
    expect(await p(Array.from({ length: 100 }, (_, i) => i + 1))).toEqual([50, 95, 99]);
    // Closer to each other than a 32-bit float can tell.
    expect(await p([5.000_000_3, 5.000_000_1, 5.000_000_2])).toEqual([5.000_000_2, 5.000_000_3, 5.000_000_3]);
    expect(await p([-1, 1e12, -0])).toEqual([0, 0, 0]);
  });

  test(`${engine.name}: latencies of any size have exact percentiles`, async () => {
    const latency = fc.oneof(
      fc.double({ min: 0, max: 5000, noNaN: true }),
      fc.double({ min: 1, max: 1.000_001, noNaN: true }),
      fc.constantFrom(0, 0.5, 2_592_000, 2_592_001, -1),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(latency, { maxLength: 200 }), async (latencies) => {
        const store = await engine.open();
        await store.put(latencies.map((value, id) => numbered(id, value)));
        const records = await exported(store);
        expect((await store.statistics({}, 20)).latency).toEqual(recount(records).latency);
        await store.close();
      }),
      { numRuns: Math.min(100, engine.runs) },
    );
  });

  test.each([
    ['1970-01-01T00:00:00.000Z'],
    ['1970-01-20T19:00:00.000Z'],
    ['2000-01-01T00:00:00.000Z'],
    ['2038-01-19T03:14:07.000Z'],
    ['2099-01-01T00:00:00.000Z'],
    ['9999-12-31T00:00:00.000Z'],
    ['0001-01-01T00:00:00.000Z'],
  ])(
    `${engine.name}: a record of %s does not flatten the plot, and is said to be outside`,
    async (timestamp) => {
      const store = await useStore(engine);
      await store.put([{ ...numbered(500), timestamp }, ...[1, 2, 3].map((id) => numbered(id * 60))]);
      const { series, prompts } = await store.statistics({}, 60);
      expect([prompts, series.outside]).toEqual([4, 1]);
      expect(series.end - (series.at[0] ?? 0)).toBeLessThan(HOUR);
      // A person does not stay at the top of the list until 2099, nor is one known since 1970.
      const [user] = (await store.users({ ids: ['500'] }, 1)).users;
      expect([user?.firstSeen, user?.lastSeen]).toEqual([numbered(500).receivedAt, numbered(500).receivedAt]);
      // Alone, it is shown all the same.
      const alone = await store.statistics({ ids: ['500'] }, 60);
      expect([alone.series.outside, alone.series.prompts]).toEqual([0, [1]]);
    },
  );

  test(`${engine.name}: a turn that recovered is no error, and one that failed is a single one`, async () => {
    const store = await useStore(engine);
    const call = (id: string, turn: string): NewRecord => ({
      ...fields(id),
      kind: 'event',
      event: 'LLM error',
      properties: { turn_id: turn, error_type: 'RateLimit', model: 'm' },
    });
    await store.put([{ ...numbered(1), id: 'recovered' }, call('1', 'recovered'), call('2', 'recovered')]);
    expect(await store.statistics({}, 2)).toMatchObject({ prompts: 1, errors: 0, requests: 1 });
    await store.put([
      call('3', 'failed'),
      call('4', 'failed'),
      { ...fields('failed'), kind: 'event', event: 'LLM error', properties: { error_type: 'RateLimit' } },
      { ...numbered(1), id: 'cut off', properties: { error_type: 'stream_error' } },
    ]);
    expect(await store.statistics({}, 2)).toMatchObject({ prompts: 2, errors: 2, requests: 3 });
    expect((await store.list({ errors: [true] }, { limit: 9 })).records.map(({ id }) => id)).toEqual([
      'cut off',
      'failed',
    ]);
  });

  test(`${engine.name}: evaluations are summed up by name and do not count as thumbs`, async () => {
    const store = await useStore(engine);
    const evaluation = (id: string, properties: NewRecord['properties']): NewRecord => ({
      ...fields(id),
      kind: 'event',
      event: 'Feedback',
      properties: { record_id: 'r', feedback_type: 'evaluation', ...properties },
    });
    await store.put([
      evaluation('1', { component: 'faithful', score: 0.1, label: 'no' }),
      evaluation('2', { component: 'faithful', score: '0.25', label: 'no' }),
      evaluation('3', { component: 'faithful', label: 'yes' }),
      evaluation('4', { component: 'tone', label: 'polite' }),
      evaluation('5', { feedback_type: 'thumbs', score: -1 }),
    ]);
    const { feedback, evaluations } = await store.statistics({}, 2);
    expect(feedback).toEqual({ positive: 0, negative: 1, other: 0 });
    const labels = [
      { name: 'no', count: 2 },
      { name: 'yes', count: 1 },
    ];
    expect(evaluations).toEqual([
      { name: 'faithful', count: 3, scored: 2, meanScore: 0.175, labels },
      { name: 'tone', count: 1, scored: 0, meanScore: null, labels: [{ name: 'polite', count: 1 }] },
    ]);
    await store.remove({ ids: ['1', '2', '3'] });
    expect((await store.statistics({}, 2)).evaluations.map(({ name }) => name)).toEqual(['tone']);
    expect((await store.list({ about: ['r'] }, { limit: 9 })).total).toBe(2);
  });

  test(`${engine.name}: a time zone that does not exist is refused`, async () => {
    const store = await useStore(engine);
    await expect(store.statistics({}, 2, 'Mars/Olympus')).rejects.toMatchObject({ name: 'BadQueryError' });
  });
}

function fields(id: string) {
  const { prompt: _prompt, generation: _generation, kind: _kind, ...common } = numbered(1);
  return { ...common, id };
}

function checkModels(statistics: Statistics, records: readonly StoredRecord[]): void {
  const given = statistics.models.map(
    ({ assistantId, prompts, errors, inputTokens, outputTokens, totalTokens, ...costs }) => [
      assistantId,
      {
        prompts,
        errors,
        input: inputTokens,
        output: outputTokens,
        total: totalTokens,
        nanos: Math.round(costs.cost * 1e9),
        priced: costs.pricedCalls,
        unpriced: costs.unpricedCalls,
      },
    ],
  );
  expect(new Map(given as [string, object][])).toEqual(recountModels(records));
}

/** Users and conversations are the sums over their own records. */
async function checkLists(
  store: RecordStore,
  query: RecordQuery,
  records: readonly StoredRecord[],
): Promise<void> {
  const { users } = await store.users(query, 10_000);
  expect(users.length).toBe(new Set(records.map(({ userId }) => userId)).size);
  for (const user of users) {
    const { prompts, events, errors, requests, threads, ...others } = recount(
      records.filter(({ userId }) => userId === user.userId),
    );
    const { inputTokens, outputTokens, totalTokens, cost, pricedCalls, unpricedCalls } = others;
    const tokens = { inputTokens, outputTokens, totalTokens };
    expect(user).toMatchObject({ prompts, events, errors, requests, ...tokens, threads });
    expect(user).toMatchObject({ cost, pricedCalls, unpricedCalls });
  }
  const { threads } = await store.threads(query, 10_000);
  for (const thread of threads) {
    const own = records.filter(({ threadId }) => threadId === thread.threadId);
    const { prompts, events, errors, totalTokens, cost, pricedCalls, unpricedCalls } = recount(own);
    expect(thread).toMatchObject({ prompts, events, errors, totalTokens, cost, pricedCalls, unpricedCalls });
    expect(thread.users.toSorted()).toEqual([...new Set(own.map(({ userId }) => userId))].toSorted());
  }
}
