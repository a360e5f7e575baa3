import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { openClickHouseStore } from '../../../../../src/server/engines/clickhouse/clickhouse-store.js';
import type { NewRecord } from '../../../../../src/server/index.js';
import { eventually } from '../../../../support/eventually.js';
import { chdbFolder, useClickHouse } from '../../../../support/use-clickhouse.js';
import { idsOf } from '../../stored.js';

const DAY = 86_400_000;

function recordAt(daysAgo: number): NewRecord {
  return {
    kind: 'prompt',
    id: `${daysAgo} days`,
    userId: 'ada',
    prompt: 'question',
    generation: 'answer',
    timestamp: new Date(Date.now() - daysAgo * DAY).toISOString(),
    receivedAt: new Date().toISOString(),
    tags: [],
    properties: {},
  };
}

test.each([0, -1, 1.5, NaN])('a retention of %s days is refused', async (retentionDays) => {
  await expect(openClickHouseStore({ url: 'clickhouse://host', retentionDays })).rejects.toThrow(
    /retentionDays/,
  );
});

describe.runIf(chdbFolder)('retention in ClickHouse', { timeout: 60_000 }, () => {
  const clickhouse = useClickHouse();

  test('records older than the days are deleted, whole months with their ids, and nothing without the option', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    const ages = [0, 1, 8, 9, 40, 41, 400, 20_000];
    const keeping = await openClickHouseStore({ url, maxWaitMs: 0 });
    onTestFinished(() => keeping.close());
    await keeping.put(ages.map(recordAt));
    await keeping.put([recordAt(9), recordAt(400)]);
    expect(await idsOf(keeping)).toHaveLength(ages.length);
    expect((await keeping.activity({}, { step: 'day' })).isUncertain).toBe(false);

    const deleting = await openClickHouseStore({ url, retentionDays: 8, project: 'another' });
    onTestFinished(() => deleting.close());
    await eventually(async () =>
      expect((await idsOf(keeping)).toSorted()).toEqual(['0 days', '1 days', '8 days']),
    );
    await eventually(async () =>
      expect(await client.query('SELECT count() AS old FROM record_ids WHERE day < today() - 100')).toEqual([
        { old: '0' },
      ]),
    );
    // No version of them comes back when parts are merged.
    await client.command('OPTIMIZE TABLE records FINAL');
    expect(await idsOf(keeping)).toHaveLength(3);
    expect((await keeping.statistics({}, 10)).records).toBe(3);
    // Every server knows that who seems new may not be, of the projects that have lost records.
    expect((await keeping.activity({}, { step: 'day' })).isUncertain).toBe(true);
    expect((await keeping.retention({}, {})).isUncertain).toBe(true);
    expect((await deleting.activity({}, { step: 'day' })).isUncertain).toBe(false);
  });
});
