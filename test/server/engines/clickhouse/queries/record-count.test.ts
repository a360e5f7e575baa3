import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { openClickHouseStore } from '../../../../../src/server/engines/clickhouse/clickhouse-store.js';
import { RecordCount } from '../../../../../src/server/engines/clickhouse/queries/record-count.js';
import { chdbFolder, useClickHouse } from '../../../../support/use-clickhouse.js';
import { numbered } from '../../stored.js';

describe.runIf(chdbFolder)('the number of all records', { timeout: 120_000 }, () => {
  const clickhouse = useClickHouse();

  test('it is exact after every change, and reads only months that have changed', async () => {
    const url = await clickhouse.createDatabase();
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    const other = await openClickHouseStore({ url, maxWaitMs: 0, project: 'other' });
    onTestFinished(async () => void (await Promise.all([store.close(), other.close()])));
    let read: string[] = [];
    const client = new ClickHouseClient(parseClickHouseUrl(url), (address, init) => {
      const months = init?.body instanceof FormData ? init.body.get('param_months') : null;
      if (typeof months === 'string') read.push(months);
      return fetch(address, init);
    });
    const records = new RecordCount(client, 'default');
    /** The number, which a new count confirms, and the months that were read for it. */
    const look = async () => {
      read = [];
      const number = await records.read();
      const months = [...read];
      expect(await new RecordCount(client, 'default').read()).toBe(number);
      return [number, months];
    };
    const inMonth = (id: number, month: string) => ({
      ...numbered(id),
      timestamp: `2026-${month}-03T10:00:00.000Z`,
    });
    const [january, march] = ["['202601']", "['202603']"];

    // A merge makes another part of a month that has not changed.
    await client.command('SYSTEM STOP MERGES records');
    expect(await look()).toEqual([0, []]);
    await store.put([inMonth(1, '01'), inMonth(2, '01'), inMonth(3, '01')]);
    expect(await look()).toEqual([3, [january]]);
    await store.put([inMonth(4, '03')]);
    expect(await look()).toEqual([4, [march]]);
    expect(await look()).toEqual([4, []]);
    await store.put([{ ...inMonth(4, '03'), prompt: 'again' }]);
    expect(await look()).toEqual([4, [march]]);
    await other.put([inMonth(9, '03')]);
    expect(await look()).toEqual([4, [march]]);
    await store.remove({ ids: ['1'] });
    expect(await look()).toEqual([3, [january]]);
    // It moves to another month.
    await store.put([inMonth(3, '03')]);
    expect(await look()).toEqual([3, ["['202601','202603']"]]);
    // A deletion waits for merges, and makes new parts of all months.
    await client.command('SYSTEM START MERGES records');
    await store.erase({ ids: ['2'], keys: ['a key'] });
    expect((await look())[0]).toBe(2);
    expect((await store.usage()).records).toBe(2);
  });
});
