import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { openClickHouseStore } from '../../../../../src/server/engines/clickhouse/clickhouse-store.js';
import { createServer } from '../../../../../src/server/index.js';
import type { RecordList, ThreadList } from '../../../../../src/server/index.js';
import { chdbFolder, useClickHouse } from '../../../../support/use-clickhouse.js';

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
});
