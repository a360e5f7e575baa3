import { describe } from 'vitest';
import { openClickHouseStore } from '../../../../src/server/index.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';
import { checkLateContent } from '../../ingest/late-content-scenarios.js';

describe.runIf(chdbFolder)('content in log records over one ClickHouse', { timeout: 600_000 }, () => {
  const clickhouse = useClickHouse();
  checkLateContent(
    'ClickHouse',
    async () => {
      const url = await clickhouse.createDatabase();
      return () => openClickHouseStore({ url, maxWaitMs: 5 });
    },
    { settleMs: 1000, seeds: [1], traces: 2 },
  );
});
