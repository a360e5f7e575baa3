import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openClickHouseStore } from '../../../../../src/server/engines/clickhouse/clickhouse-store.js';
import { ClickHouseClient } from '../../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import type { NewRecord, RecordStore } from '../../../../../src/server/index.js';
import { chdbFolder, useClickHouse } from '../../../../support/use-clickhouse.js';
import { idsOf } from '../../stored.js';

function record(id: string, fields: object = {}): NewRecord {
  const time = '2026-11-28T23:59:59.000Z';
  return {
    kind: 'prompt',
    id,
    userId: 'ada',
    prompt: 'question',
    generation: 'answer',
    timestamp: time,
    receivedAt: time,
    tags: [],
    properties: {},
    ...fields,
  };
}

describe.runIf(chdbFolder)('writes to ClickHouse', { timeout: 180_000 }, () => {
  const clickhouse = useClickHouse();
  const open = async (url: string): Promise<RecordStore> => {
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    onTestFinished(() => store.close());
    return store;
  };

  test('a record that two servers take in at the same time, at times before and after midnight, counts once', async () => {
    const url = await clickhouse.createDatabase();
    const [a, b] = [await open(url), await open(url)];
    const ids = Array.from({ length: 12 }, (_, i) => `turn-${i}`);
    for (const id of ids)
      await Promise.all([
        a.put([record(id)]),
        b.put([record(id, { timestamp: '2026-11-29T00:00:01.000Z' })]),
      ]);
    for (const store of [a, b]) {
      expect((await idsOf(store)).toSorted()).toEqual(ids.toSorted());
      expect((await store.list({}, { limit: 100 })).total).toBe(ids.length);
      expect((await store.statistics({}, 10)).prompts).toBe(ids.length);
    }
    expect((await a.remove({})).ids.toSorted()).toEqual(ids.toSorted());
    expect(await idsOf(b)).toEqual([]);
  });

  test('if the rows cannot be written, a superseded record stays, and is removed when the write is repeated', async () => {
    const store = await open(await clickhouse.createDatabase());
    await store.put([record('inner'), record('other')]);
    const insert = Reflect.get(ClickHouseClient.prototype, 'insert');
    const failing = vi.spyOn(ClickHouseClient.prototype, 'insert').mockImplementation(function (
      this: ClickHouseClient,
      table,
      ...given
    ) {
      if (table === 'records') return Promise.reject(new Error('connection lost'));
      return insert.call(this, table, ...given);
    });
    await expect(store.put([record('outer')], ['inner'])).rejects.toThrow('connection lost');
    await expect(store.remove({ ids: ['other'] })).rejects.toThrow('connection lost');
    failing.mockRestore();
    expect(await idsOf(store)).toEqual(['inner', 'other']);
    expect((await store.put([record('outer')], ['inner', 'other'])).removed).toContain('inner');
    expect(await idsOf(store)).toEqual(['outer']);
  });

  test('whatever is in a record, it costs none of its neighbours', async () => {
    const store = await open(await clickhouse.createDatabase());
    const hostile: readonly NewRecord[] = [
      record('year -271821', { timestamp: new Date(-8.64e15).toISOString() }),
      record('year 275760', { timestamp: new Date(8.64e15).toISOString() }),
      record('arrived in 1970', { receivedAt: new Date(0).toISOString() }),
      record('no time', { timestamp: 'yesterday' }),
      record('no arrival', { receivedAt: '' }),
      record('NaN', { latency: NaN, properties: { input_tokens: NaN, n: Infinity } }),
      record('infinite', { latency: -Infinity, properties: { output_tokens: -1e308, total_tokens: 1e308 } }),
      record('2^63', { latency: 2 ** 63, properties: { input_tokens: 2 ** 63, big: '9223372036854775808' } }),
      record('\0', {
        userId: 'a\0b',
        prompt: '\0',
        threadId: '\0',
        tags: ['\0'],
        properties: { '\0': '\0' },
      }),
      record('\ud800', {
        userId: '\udfff',
        prompt: '\ud83d',
        generation: '\ude00x',
        properties: { '\ud800': '\udc00\ud800' },
      }),
      record('', { userId: '', prompt: '', generation: '' }),
      record('20 MB', { prompt: 'word '.repeat(4_000_000) }),
      record("'; DROP TABLE records; --", { userId: '{id:String}', prompt: '\\N', generation: '\\' }),
      record('deep', { properties: { deep: { a: [{ b: [[null, { c: 'text of words' }]] }] } } }),
      record('many', {
        tags: Array.from({ length: 5000 }, (_, i) => `tag ${i}`),
        properties: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`p${i}`, i])),
      }),
      record('a month of its own', { timestamp: '1901-05-01T00:00:00.000Z' }),
      { ...record('event'), kind: 'event', event: '\0\ud800' },
    ];
    const neighbours = hostile.map((_, i) => record(`neighbour-${i}`));
    await store.put(hostile.flatMap((one, i) => [one, neighbours[i] as NewRecord]));
    const kept = await store.get(neighbours.map(({ id }) => id));
    expect([...kept.keys()].toSorted()).toEqual(neighbours.map(({ id }) => id).toSorted());
    expect((await store.usage()).setAside).toBe(0);
    const { total, records } = await store.list({}, { limit: 100 });
    expect(total).toBe(hostile.length + neighbours.length);
    expect(records).toHaveLength(total);
    // Answers that read every row, and each version of a record once.
    expect((await store.statistics({}, 10)).records).toBe(total);
    expect((await store.users({}, 100)).total).toBeGreaterThan(1);
  });
});
