import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { openClickHouseStore } from '../../../../../src/server/engines/clickhouse/clickhouse-store.js';
import { Purge } from '../../../../../src/server/engines/clickhouse/writes/purge.js';
import { AgeLimits } from '../../../../../src/server/privacy/age-limits.js';
import { eventually } from '../../../../support/eventually.js';
import { chdbFolder, useClickHouse } from '../../../../support/use-clickhouse.js';
import { numbered } from '../../stored.js';

describe.runIf(chdbFolder)('erased texts in ClickHouse', { timeout: 60_000 }, () => {
  const clickhouse = useClickHouse();

  test('no version of a record keeps its text, not even before parts are merged, and the purge frees the disk', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    onTestFinished(() => store.close());
    await store.put([1, 2].map((id) => ({ ...numbered(id), prompt: `first secret ${id}` })));
    await store.put([1, 2].map((id) => ({ ...numbered(id), prompt: `second secret ${id}` })));
    const now = Date.parse(numbered(1).timestamp) + 30 * 86_400_000;
    await new AgeLimits({ store, textDays: 30, now: () => now }).run();
    // Without FINAL, superseded rows are seen as well.
    const secrets = await client.query<{ id: string }>(
      `SELECT DISTINCT id FROM records WHERE position(prompt, 'secret') > 0`,
    );
    expect(secrets).toEqual([{ id: '2' }]);
    expect(await store.list({}, { limit: 10 })).toMatchObject({ total: 2 });
    await new Purge(client).run();
    await eventually(async () =>
      expect(
        await client.query(
          `SELECT count() AS parts FROM system.parts WHERE active AND has_lightweight_delete AND table = 'records' AND database = currentDatabase()`,
        ),
      ).toEqual([{ parts: '0' }]),
    );
  });
});
