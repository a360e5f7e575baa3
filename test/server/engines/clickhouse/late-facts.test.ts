import { describe } from 'vitest';
import { openClickHouseStore } from '../../../../src/server/index.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';
import { checkLateFacts } from '../../ingest/late-facts-scenarios.js';

describe.runIf(chdbFolder)('late facts over one ClickHouse', { timeout: 600_000 }, () => {
  const clickhouse = useClickHouse();
  checkLateFacts('ClickHouse', async () => {
    const url = await clickhouse.createDatabase();
    return () => openClickHouseStore({ url, maxWaitMs: 5 });
  });
});
