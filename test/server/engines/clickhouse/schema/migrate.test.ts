import { describe, expect, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { openClickHouseStore } from '../../../../../src/server/engines/clickhouse/clickhouse-store.js';
import type { NewRecord, RecordStore } from '../../../../../src/server/index.js';
import { migrate } from '../../../../../src/server/engines/clickhouse/schema/migrate.js';
import { MIGRATIONS, type Migration } from '../../../../../src/server/engines/clickhouse/schema/schema.js';
import { chdbFolder, useClickHouse } from '../../../../support/use-clickhouse.js';

const LATER: Migration = {
  number: 1000,
  name: 'a later release',
  statements: [
    'ALTER TABLE records ADD COLUMN IF NOT EXISTS later String',
    'ALTER TABLE records ADD INDEX IF NOT EXISTS by_later later TYPE bloom_filter(0.01) GRANULARITY 4',
    'CREATE TABLE IF NOT EXISTS later (id String) ENGINE = MergeTree ORDER BY id',
  ],
};

function record(id: string): NewRecord {
  return {
    kind: 'prompt',
    id,
    userId: 'ada',
    prompt: 'a question',
    generation: 'answer',
    timestamp: '2026-11-29T10:00:00.000Z',
    receivedAt: '2026-11-29T10:00:01.000Z',
    tags: [],
    properties: {},
  };
}

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

  test('servers of the release before and of this one work side by side during an upgrade, and after the way back', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    const put = (store: RecordStore, id: string) => store.put([record(id)]);
    const seenBy = async (store: RecordStore) => ({
      ids: (await store.list({}, { limit: 10 })).records.map(({ id }) => id).toSorted(),
      found: (await store.list({ terms: [{ text: 'quest' }] }, { limit: 10 })).total,
      counted: (await store.statistics({}, 10)).records,
    });
    const before = await openClickHouseStore({ url, maxWaitMs: 0 });
    await put(before, 'a');
    // The later release adds a column, an index and a table while this one runs.
    await migrate(client, [...MIGRATIONS, LATER]);
    await put(before, 'b');
    await client.command(
      "INSERT INTO records (* EXCEPT later, later) SELECT * EXCEPT later REPLACE ('c' AS id), 'new' FROM records WHERE records.id = 'a'",
    );
    expect(await seenBy(before)).toEqual({ ids: ['a', 'b', 'c'], found: 3, counted: 3 });
    await before.close();
    // The way back: this release starts again on the later schema, replaces what the later one wrote, and removes.
    const back = await openClickHouseStore({ url, maxWaitMs: 0 });
    await put(back, 'c');
    await back.remove({ ids: ['a'] });
    expect(await seenBy(back)).toEqual({ ids: ['b', 'c'], found: 2, counted: 2 });
    await back.close();
  });

  test('a database without the text index finds the same, while the index is made and before', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    await migrate(client);
    await client.command('ALTER TABLE records DROP INDEX by_text');
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    const total = async () => (await store.list({ terms: [{ text: 'uesti' }] }, { limit: 10 })).total;
    await store.put([record('a')]);
    expect(await total()).toBe(1);
    await client.command('DELETE FROM schema_migrations WHERE number = 2');
    expect((await migrate(client)).map(({ number }) => number)).toEqual([2]);
    expect(await total()).toBe(1);
    await store.put([record('b')]);
    expect(await total()).toBe(2);
    await store.close();
  });

  test('calls that a server of before stored, also after the upgrade, are unpriced', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    await migrate(
      client,
      MIGRATIONS.filter(({ name }) => name !== 'cost'),
    );
    const row = (id: string, fields: object) => ({
      project: 'default',
      day: '2026-11-29',
      id,
      version: 1024,
      seq: 1,
      at: '2026-11-29 10:00:00.000',
      received: '2026-11-29 10:00:01.000',
      kind: 'prompt',
      model: 'gpt-4o',
      ...fields,
    });
    const rows = (prefix: string) => [
      row(`${prefix}call`, { properties: { cost: '12' } }),
      row(`${prefix}turn`, {
        properties: { call_count: '3' },
        part_models: ['mini'],
        part_input_tokens: [5],
        part_output_tokens: [2],
      }),
      row(`${prefix}failed`, { kind: 'event', event: 'LLM error', is_error: 1 }),
      row(`${prefix}stopped`, { kind: 'event', event: 'LLM error', is_error: 1, total_tokens: 7 }),
      row(`${prefix}event`, { kind: 'event', event: 'Sign up' }),
    ];
    await client.insert('records', rows('before-'));
    await migrate(client);
    await client.insert('records', rows('meanwhile-'));
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    const { cost, pricedCalls, unpricedCalls, models } = await store.statistics({}, 10);
    expect([cost, pricedCalls, unpricedCalls]).toEqual([0, 0, 2 * (1 + 3 + 1)]);
    expect(models.find(({ assistantId }) => assistantId === 'mini')).toMatchObject({
      cost: 0,
      unpricedCalls: 0,
    });
    await store.close();
  });

  test('thumbs that a server of before stored rate their answers after the upgrade', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    await migrate(client, MIGRATIONS.slice(0, 4));
    const row = (id: string, fields: object) => ({
      project: 'default',
      day: '2026-11-29',
      id,
      version: 1024,
      seq: 1,
      at: '2026-11-29 10:00:00.000',
      received: '2026-11-29 10:00:01.000',
      kind: 'event',
      event: 'Feedback',
      user: id,
      ...fields,
    });
    await client.insert('records', [
      row('a', { kind: 'prompt', event: '' }),
      row('b', { kind: 'prompt', event: '' }),
      row('c', { kind: 'prompt', event: '' }),
      row('good', { target: 'a', feedback: 'positive' }),
      row('bad', { target: 'b', feedback: 'negative' }),
      row('comment', { target: 'c', feedback: 'other' }),
      row('review', { target: 'c', feedback: 'negative', properties: { source: '"reviewer"' } }),
    ]);
    await migrate(client);
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    expect((await store.measure({}, { measures: ['rated', 'bad'] })).total).toEqual({
      values: [2, 1],
      n: [3, 2],
    });
    await store.close();
  });

  test('names of people that a server of before stored are shown after the upgrade, and those that it stores meanwhile', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    await migrate(
      client,
      MIGRATIONS.filter(({ name }) => name !== 'display names'),
    );
    const row = (id: string, name: string | undefined) => ({
      project: 'default',
      day: '2026-11-29',
      id,
      version: 1024,
      seq: 1,
      at: '2026-11-29 10:00:00.000',
      received: '2026-11-29 10:00:01.000',
      kind: 'prompt',
      user: id,
      properties: name === undefined ? {} : { user_name: name },
    });
    await client.insert('records', [
      row('a', String.raw`"Ada \"L\""`),
      row('b', 'null'),
      row('c', undefined),
    ]);
    await migrate(client);
    await client.insert('records', [row('d', '"Dora Ö"'), row('e', '12')]);
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    const { users } = await store.users({}, 10);
    expect(Object.fromEntries(users.map(({ userId, name }) => [userId, name]))).toEqual({
      a: 'Ada "L"',
      b: undefined,
      c: undefined,
      d: 'Dora Ö',
      e: '12',
    });
    await store.close();
  });

  test('a server of each earlier schema goes on beside this one: it reads and writes its own columns, and this one has what it wrote', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    const earlier: { readonly number: number; readonly columns: readonly string[] }[] = [];
    for (const { number } of MIGRATIONS) {
      await migrate(client, MIGRATIONS.slice(0, number));
      const columns = await client.query<{ name: string }>('DESCRIBE TABLE records');
      earlier.push({ number, columns: columns.map(({ name }) => name) });
    }
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    await store.put([{ ...record('new'), properties: { user_name: 'Ada', cost: 2 } }]);
    await store.pending?.put([{ id: 'new', kind: 'log', key: 'k', value: 'v' }]);
    const time = '2026-11-29 10:00:00.000';
    for (const { number, columns } of earlier) {
      // What a server does at its start, and what it answers for a page.
      expect(await migrate(client, MIGRATIONS.slice(0, number))).toEqual([]);
      const rows = await client.query<Record<string, unknown>>(
        `SELECT ${columns.join(', ')} FROM records FINAL WHERE records.id = 'new'`,
      );
      const [own = {}] = rows;
      // A row with the columns that it knows, and one that hides another: later versions win.
      const base: Record<string, unknown> = {
        ...own,
        id: `of-${number}`,
        version: '1024',
        at: time,
        received: time,
      };
      await client.insert('records', [base, { ...base, id: `hidden-${number}` }]);
      const { project, day, seq } = own;
      await client.insert('records', [
        { project, day, seq, id: `hidden-${number}`, version: '2048', deleted: 1 },
      ]);
    }
    const ids = earlier.map(({ number }) => `of-${number}`);
    const { records, total } = await store.list({ terms: [{ text: 'quest' }] }, { limit: 100 });
    expect(records.map(({ id }) => id).toSorted()).toEqual(['new', ...ids].toSorted());
    expect(total).toBe(ids.length + 1);
    expect((await store.users({}, 10)).users).toMatchObject([{ userId: 'ada', name: 'Ada' }]);
    const { pricedCalls, unpricedCalls } = await store.statistics({}, 10);
    expect(pricedCalls + unpricedCalls).toBe(ids.length + 1);
    expect(await store.pending?.hasLogs()).toBe(true);
    await store.close();
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

  test('a server on a schema that is up to date only reads it, so that its account needs no right to change tables', async () => {
    const applied = MIGRATIONS.map(({ number }) => JSON.stringify({ number, oldest_reader: 0 })).join('\n');
    const sent: string[] = [];
    const answer = (async (_url, init) => {
      const form = await new Response(init?.body ?? null).formData();
      const statement = form.get('query') as string;
      sent.push(statement);
      return new Response(statement.includes('version()') ? '{"version":"26.7.1.1"}\n' : `${applied}\n`);
    }) as typeof fetch;
    const client = new ClickHouseClient(parseClickHouseUrl('clickhouse://host'), answer);
    expect(await migrate(client)).toEqual([]);
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.filter((statement) => !statement.startsWith('SELECT'))).toEqual([]);
  });

  test('a ClickHouse that is too old is refused with one line', async () => {
    const answer = (async () => new Response('{"version":"23.8.1.1"}\n')) as typeof fetch;
    const client = new ClickHouseClient(parseClickHouseUrl('clickhouse://host'), answer);
    await expect(migrate(client)).rejects.toThrow('ClickHouse 23.8.1.1 is too old: 26.5 or later is needed.');
  });
});
