import { describe, expect, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { migrate } from '../../../../../src/server/engines/clickhouse/schema/migrate.js';
import { MIGRATIONS, type Migration } from '../../../../../src/server/engines/clickhouse/schema/schema.js';
import { chdbFolder, useClickHouse } from '../../../../support/use-clickhouse.js';

const LATER: Migration = {
  number: 1000,
  name: 'a later release',
  statements: ['ALTER TABLE records ADD COLUMN IF NOT EXISTS later String'],
};

describe.runIf(chdbFolder)('migrations', { timeout: 60_000 }, () => {
  const clickhouse = useClickHouse();
  const connect = async (): Promise<ClickHouseClient> =>
    new ClickHouseClient(parseClickHouseUrl(await clickhouse.createDatabase()));

  test('a new database gets every migration, and a second run does nothing', async () => {
    const client = await connect();
    expect(await migrate(client)).toEqual(MIGRATIONS);
    expect(await migrate(client)).toEqual([]);
    const applied = await client.query('SELECT number, name FROM schema_migrations FINAL ORDER BY number');
    expect(applied).toEqual(MIGRATIONS.map(({ number, name }) => ({ number, name })));
  });

  test('of servers that start together, one migrates and the others wait for it', async () => {
    const client = await connect();
    const results = await Promise.all([migrate(client), migrate(client), migrate(client)]);
    expect(results.filter((applied) => applied.length > 0)).toEqual([MIGRATIONS]);
  });

  test('every statement can be repeated, which happens when a server ends in the middle', async () => {
    const client = await connect();
    await migrate(client);
    await client.command('TRUNCATE TABLE schema_migrations');
    expect(await migrate(client)).toEqual(MIGRATIONS);
  });

  test('a server of the release before goes on after an upgrade, unless the migration says that it cannot', async () => {
    const client = await connect();
    await migrate(client, [...MIGRATIONS, LATER]);
    expect(await migrate(client)).toEqual([]);
    await migrate(client, [...MIGRATIONS, LATER, { ...LATER, number: 1001, oldestReader: 1001 }]);
    await expect(migrate(client)).rejects.toThrow(/upgrade this server/);
  });

  test('a leader that died is waited for no longer than its claim lasts', async () => {
    const client = await connect();
    await migrate(client, []);
    // A claim of a minute ago, which nobody renews.
    await client.command(
      "INSERT INTO schema_claims (claimant, at) SELECT 'dead', now64(6) - INTERVAL 60 SECOND",
    );
    expect(await migrate(client)).toEqual(MIGRATIONS);
  });

  test('a ClickHouse that is too old is refused with one line', async () => {
    const answer = (async () => new Response('{"version":"23.8.1.1"}\n')) as typeof fetch;
    const client = new ClickHouseClient(parseClickHouseUrl('clickhouse://host'), answer);
    await expect(migrate(client)).rejects.toThrow('ClickHouse 23.8.1.1 is too old: 26.2 or later is needed.');
  });
});
