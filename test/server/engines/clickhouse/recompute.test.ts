import { describe, expect, test } from 'vitest';
import { openClickHouseStore } from '../../../../src/server/engines/clickhouse/clickhouse-store.js';
import type { RecomputeAnswer } from '../../../../src/server/http/api/recompute-route.js';
import { createServer } from '../../../../src/server/index.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';
import { numbered } from '../stored.js';

describe.runIf(chdbFolder)('recompute in ClickHouse', { timeout: 60_000 }, () => {
  const clickhouse = useClickHouse();

  test('records of before costs were counted are priced, batch by batch', async () => {
    const store = await openClickHouseStore({ url: await clickhouse.createDatabase(), maxWaitMs: 0 });
    const properties = { provider: 'openai', input_tokens: 1_000, output_tokens: 0 };
    // Written to the store directly: as a server of an earlier release did, without their cost.
    await store.put(
      Array.from({ length: 600 }, (_, id) => ({ ...numbered(id), assistantId: 'gpt-4o-mini', properties })),
    );
    const server = createServer({ store });
    const recompute = async (parameters: string): Promise<RecomputeAnswer> => {
      const url = `http://127.0.0.1/api/recompute?${parameters}`;
      return (await (await server.fetch(new Request(url, { method: 'POST' }))).json()) as RecomputeAnswer;
    };
    const first = await recompute('');
    expect(first).toMatchObject({ records: 500, changed: 500, was: { unpricedCalls: 500 } });
    expect(first.is).toEqual({ cost: 0.075, pricedCalls: 500, unpricedCalls: 0 });
    const second = await recompute(`before=${String(first.before)}`);
    expect(second).toMatchObject({ records: 100, changed: 100, before: null });
    expect(await store.statistics({}, 2)).toMatchObject({ cost: 0.09, pricedCalls: 600, unpricedCalls: 0 });
    expect(await recompute('scope=all')).toMatchObject({ records: 500, changed: 0 });
    await server.close();
  });
});
