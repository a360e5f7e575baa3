import { describe } from 'vitest';
import { openClickHouseStore } from '../../../../src/server/engines/clickhouse/clickhouse-store.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';
import { checkRecordStore } from '../contract.js';

describe.runIf(chdbFolder)('ClickHouse', { timeout: 180_000 }, () => {
  const clickhouse = useClickHouse();

  checkRecordStore({
    name: 'ClickHouse',
    open: async () =>
      openClickHouseStore({ url: await clickhouse.createDatabase(), maxWaitMs: 0, changeLagMs: 0 }),
    isBounded: false,
    isUtf8: true,
    runs: 3,
  });
});
