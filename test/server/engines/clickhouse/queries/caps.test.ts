import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { openClickHouseStore } from '../../../../../src/server/engines/clickhouse/clickhouse-store.js';
import { createServer } from '../../../../../src/server/index.js';
import type { RecordList, ThreadList } from '../../../../../src/server/index.js';
import { chdbFolder, useClickHouse } from '../../../../support/use-clickhouse.js';

const NOW = { timestamp: new Date().toISOString(), receivedAt: new Date().toISOString() };

describe.runIf(chdbFolder)('answers of a large ClickHouse', { timeout: 180_000 }, () => {
  const clickhouse = useClickHouse();

  test('what is capped says so: the number of records, and conversations that were compared', async () => {
    const url = await clickhouse.createDatabase();
    const store = await openClickHouseStore({ url });
    onTestFinished(() => store.close());
    // One record a minute, 8 to a conversation; the latest 450 conversations have the most tokens.
    await new ClickHouseClient(parseClickHouseUrl(url)).command(`INSERT INTO records
  (project, day, id, version, seq, at, received, kind, user, thread, total_tokens)
SELECT 'default', toDate32(now() - 60 * number), toString(number), number, (toUnixTimestamp(now()) - 60 * number) * 1000000,
  now() - 60 * number, now() - 60 * number, 'prompt', 'ada', toString(intDiv(number, 8)), number < 3600
FROM numbers(100100)`);
    const server = createServer({ store });
    const get = async <T>(path: string): Promise<T> =>
      (await (await server.fetch(new Request(`http://localhost${path}`))).json()) as T;

    const records = await get<RecordList>('/api/records?limit=5');
    expect([records.total, records.isTotalCapped]).toEqual([100_000, true]);
    expect(records.records.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4']);
    const few = await get<RecordList>('/api/records?limit=5&since=1h');
    expect([few.total < 70, few.isTotalCapped]).toEqual([true, undefined]);
    // All of time is counted where numbers are asked for.
    expect((await store.statistics({}, 10)).records).toBe(100_100);

    const threads = await get<ThreadList>('/api/threads?limit=3');
    expect(threads.threads.map(({ threadId, prompts }) => [threadId, prompts])).toEqual([
      ['0', 8],
      ['1', 8],
      ['2', 8],
    ]);
    expect(threads.rankedSince).toBeDefined();
    expect([threads.total >= 10_000, threads.total < 12_513]).toEqual([true, true]);
    const byTokens = await get<ThreadList>('/api/threads?limit=450&order=tokens');
    expect(byTokens.threads.every(({ totalTokens }) => totalTokens === 8)).toBe(true);
    const ofHour = await get<ThreadList>('/api/threads?since=1h');
    expect(ofHour.rankedSince).toBeUndefined();
  });

  test('a phrase of common words is counted in the latest records that have them, and found in all', async () => {
    const url = await clickhouse.createDatabase();
    const store = await openClickHouseStore({ url });
    onTestFinished(() => store.close());
    // All have both words, every hundredth as a phrase, the very first another one.
    await new ClickHouseClient(parseClickHouseUrl(url)).command(`INSERT INTO records
  (project, day, id, version, seq, at, received, kind, user, prompt)
SELECT 'default', toDate32(now() - 60 * number), toString(number), number, (toUnixTimestamp(now()) - 60 * number) * 1000000,
  now() - 60 * number, now() - 60 * number, 'prompt', 'ada',
  multiIf(number = 11999, 'beta or gamma, alpha', number % 100 = 0, 'Alpha\n beta gamma', 'beta, gamma, alpha')
FROM numbers(12000)`);
    const search = (text: string, before?: string) =>
      store.list({ terms: [{ text }] }, { limit: 50, ...(before !== undefined && { before }) });

    const found: string[] = [];
    let page = await search('alpha beta');
    // 10,001 records are looked at.
    expect([page.total, page.isTotalCapped]).toEqual([101, true]);
    for (;;) {
      found.push(...page.records.map(({ id }) => id));
      if (page.next === undefined) break;
      page = await search('alpha beta', page.next);
    }
    expect(found).toEqual(Array.from({ length: 120 }, (_, i) => String(i * 100)));

    const rare = await search('beta or gamma');
    expect([rare.records.map(({ id }) => id), rare.total, rare.isTotalCapped]).toEqual([
      ['11999'],
      1,
      undefined,
    ]);
    const excluded = await store.list(
      { terms: [{ text: 'alpha beta', isExcluded: true }, { text: 'gamma' }] },
      { limit: 3 },
    );
    expect([excluded.records.map(({ id }) => id), excluded.isTotalCapped]).toEqual([['1', '2', '3'], true]);
  });

  test('sums and people without a beginning cover the latest days, and say since when', async () => {
    const url = await clickhouse.createDatabase();
    const store = await openClickHouseStore({ url, maxSummed: 1000 });
    const whole = await openClickHouseStore({ url });
    onTestFinished(async () => void (await Promise.all([store.close(), whole.close()])));
    // 200 records a day for 12 days; the same again for another project, which does not count.
    for (const project of ['default', 'other'])
      await new ClickHouseClient(parseClickHouseUrl(url)).command(`INSERT INTO records
  (project, day, id, version, seq, at, received, kind, user, thread)
SELECT '${project}', toDate32(now() - 432 * number), toString(number), number, (toUnixTimestamp(now()) - 432 * number) * 1000000,
  now() - 432 * number, now() - 432 * number, 'prompt', if(number < 1500, 'ada', 'bob'), 'thread'
FROM numbers(2400)`);
    const statistics = await store.statistics({}, 20);
    const since = Date.parse(statistics.since ?? '');
    expect([since % 86_400_000, statistics.records >= 1000, statistics.records <= 1200]).toEqual([
      0,
      true,
      true,
    ]);
    expect(statistics.records).toBe((await whole.statistics({ since: { at: since } }, 20)).records);
    expect(statistics.series.at[0]).toBeGreaterThanOrEqual(since - 86_400_000);
    const people = await store.users({}, 10);
    expect([people.since, people.total, people.users[0]?.prompts]).toEqual([
      statistics.since,
      1,
      statistics.records,
    ]);
    const measured = await store.measure({}, { measures: ['prompts'], by: 'user' });
    expect([measured.since, measured.total.values]).toEqual([statistics.since, [statistics.records]]);
    // The latest of what a filter by end leaves.
    const until = { until: { at: since - 1 } };
    const earlier = await store.statistics(until, 20);
    expect([earlier.records >= 1000, earlier.records < 1401]).toEqual([true, true]);
    expect(earlier.since === undefined || Date.parse(earlier.since) < since).toBe(true);
    // A beginning that is asked for, one person, and a table that is not larger are read whole.
    for (const query of [{ since: { agoMs: 100 * 86_400_000 } }, { users: ['ada', 'bob'] }]) {
      const all = await store.statistics(query, 20);
      expect([all.records, all.since]).toEqual([2400, undefined]);
      const { total, since: ofPeople } = await store.users(query, 10);
      expect([total, ofPeople]).toEqual([2, undefined]);
    }
    expect((await whole.statistics({}, 20)).records).toBe(2400);
  });

  test.for([{ models: 7 }, { models: 90 }])(
    'the $models models of a person are listed most used first, and those of a superseded version are not',
    async ({ models }) => {
      const url = await clickhouse.createDatabase();
      const store = await openClickHouseStore({ url });
      onTestFinished(() => store.close());
      // Half of the models are used twice, the later ones first; a record of each was first stored with another model.
      const insert = (version: number, model: string) =>
        new ClickHouseClient(parseClickHouseUrl(url)).command(`INSERT INTO records
  (project, day, id, version, seq, at, received, kind, user, model)
SELECT 'default', toDate32(now()), toString(number), ${version}, 1000 - number, now(), now(), 'prompt', 'ada', ${model}
FROM numbers(${models + Math.floor(models / 2)})`);
      await insert(1, "'superseded'");
      await insert(2, `concat('m-', toString(number % ${models}))`);
      await store.put([
        {
          kind: 'event',
          event: 'm',
          id: 'event',
          userId: 'bob',
          tags: [],
          properties: { model: 'm-0' },
          ...NOW,
        },
      ]);
      const { users } = await store.users({}, 10);
      const expected = Array.from({ length: models }, (_, number) => number)
        .toSorted((a, b) => uses(b) - uses(a) || b - a)
        .map((number) => `m-${number}`);
      function uses(number: number): number {
        return number < Math.floor(models / 2) ? 2 : 1;
      }
      const modelsOf = Object.fromEntries(users.map((user) => [user.userId, user.models]));
      expect(modelsOf).toEqual({ ada: expected, bob: [] });
    },
  );
});
