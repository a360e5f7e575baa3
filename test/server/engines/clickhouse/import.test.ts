import { describe, expect, test } from 'vitest';
import { openClickHouseStore } from '../../../../src/server/engines/clickhouse/clickhouse-store.js';
import type { NewRecord } from '../../../../src/server/model/stored-record.js';
import { byId, importInto } from '../../../support/import-into.js';
import { jsonLines } from '../../../support/transfer-files.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';
import { useServer } from '../../../support/use-server.js';
import { variedRecords } from '../../../support/varied-records.js';

describe.runIf(chdbFolder)('an import into ClickHouse', () => {
  const clickhouse = useClickHouse();

  async function serveDatabase() {
    const store = await openClickHouseStore({ url: await clickhouse.createDatabase() });
    return useServer({ store });
  }

  async function exported(server: { readonly url: string }): Promise<string> {
    return (await fetch(`${server.url}/api/export`)).text();
  }

  function recordsIn(text: string): NewRecord[] {
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as NewRecord);
  }

  test(
    'what is imported, exported, imported elsewhere and exported again is the same set of records',
    { timeout: 120_000 },
    async () => {
      const records = variedRecords(2_500);
      const first = await serveDatabase();
      const { report } = await importInto(first.ingestionUrl, { 'a.jsonl': jsonLines(...records) });
      expect([report.taken, report.known, report.skipped]).toEqual([2_500, 0, []]);
      const text = await exported(first);
      expect(byId(recordsIn(text))).toEqual(byId(records));
      const second = await serveDatabase();
      for (let i = 0; i < 2; i++) await importInto(second.ingestionUrl, { 'b.jsonl': text });
      const again = recordsIn(await exported(second));
      expect(again).toHaveLength(2_500);
      expect(byId(again)).toEqual(byId(records));
      expect(again.map(({ id }) => id)).toEqual(recordsIn(text).map(({ id }) => id));
    },
  );
});
