import { describe, expect, onTestFinished, test, vi } from 'vitest';
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
    await eventually(async () => expect(await maskedTables(client)).toEqual([]));
  });

  test('no id of what was erased, shortened or forgotten is in a statement that ClickHouse keeps', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    onTestFinished(() => store.close());
    const record = (id: string, day = 1) => ({
      ...numbered(1),
      id,
      timestamp: new Date(Date.UTC(2026, 0, day)).toISOString(),
    });
    const ids = ['trace-1', 'trace-2', 'trace-3', "ada's \ud800 id"];
    await store.put(ids.map((id) => record(id)));
    // On another day.
    await store.put(['trace-1', 'trace-2'].map((id) => record(id, 2)));
    const part = (id: string) => ({ id, kind: 'log', key: `of ${id}`, value: 'text' }) as const;
    await store.pending?.put(['trace-1', 'trace-4', 'late-5', 'late-6'].map((id) => part(id)));
    await store.erase({ ids: ['trace-1', ids[3] ?? ''], keys: [] });
    await store.purge?.(['trace-2', 'trace-3']);
    await store.pending?.forget([part('late-5')]);
    const rows = async (table: string) =>
      client.query(`SELECT id, count() AS rows FROM ${table} GROUP BY id ORDER BY id`);
    expect(await rows('(SELECT id FROM records WHERE deleted = 0)')).toEqual([
      { id: 'trace-2', rows: '1' },
      { id: 'trace-3', rows: '1' },
    ]);
    expect(await rows('pending_parts')).toEqual([{ id: 'late-6', rows: '1' }]);
    const kept = JSON.stringify(await client.query('SELECT command FROM system.mutations'));
    expect(kept).toContain('_row_exists');
    expect(kept).not.toMatch(/trace-|late-|ada/);
  });

  test('the purge removes the masked parts of calls from the disk, also if no record was stored, and nothing else', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    onTestFinished(() => store.close());
    const part = (id: string) => ({ id, kind: 'log', key: 'k', value: `secret of ${id}` }) as const;
    // One part, in which a row is left.
    await store.pending?.put([part('erased'), part('kept')]);
    await store.erase({ ids: ['erased'], keys: [] });
    expect(await maskedTables(client)).toEqual(['pending_parts']);
    await new Purge(client).run();
    await eventually(async () => expect(await maskedTables(client)).toEqual([]));
    const onDisk = await client.query('SELECT id FROM pending_parts', {
      settings: { apply_deleted_mask: 0 },
    });
    expect(onDisk).toEqual([{ id: 'kept' }]);
    // Deleting all records masks what is pending as well.
    const schedule = vi.spyOn(Purge.prototype, 'schedule');
    onTestFinished(() => schedule.mockRestore());
    await store.remove({});
    expect(schedule).toHaveBeenCalledOnce();
  });

  test('the purge removes earlier versions of documents, and those that were deleted long enough ago with their names', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    onTestFinished(() => store.close());
    const put = (name: string, value: string) => store.documents.put({ kind: 'topic', name, value });
    for (const name of ['secret old', 'secret new', 'kept']) await put(name, 'secret');
    await put('kept', 'open');
    await store.documents.delete('topic', 'secret old');
    await store.documents.delete('topic', 'secret new');
    await client.command(
      `INSERT INTO documents SELECT project, kind, name, version + 1, writer, deleted, now64(3) - INTERVAL 2 HOUR, value FROM documents FINAL WHERE name = 'secret old'`,
    );
    // For the name that was deleted a moment ago.
    expect(await schedulesAnother(new Purge(client))).toBe(true);
    await eventually(async () =>
      expect(await client.query(`SELECT name, value, deleted FROM documents ORDER BY name`)).toEqual([
        { name: 'kept', value: '"open"', deleted: 0 },
        { name: 'secret new', value: '', deleted: 1 },
      ]),
    );
    // A version after a deletion is still larger than all before it.
    expect(await store.documents.get('topic', 'secret old')).toBeUndefined();
    expect((await put('secret old', 'again')).version).toBeGreaterThan(0);
  });

  test('a document that was deleted stays so when its earlier versions could not be merged away, and its name leaves with them later', async () => {
    const url = await clickhouse.createDatabase();
    const client = new ClickHouseClient(parseClickHouseUrl(url));
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    onTestFinished(() => store.close());
    // Also stops mutations, so that nothing merges the rows before the purge has looked.
    await client.command('SYSTEM STOP MERGES documents');
    for (const [version, deleted] of [
      [1, 0],
      [2, 1],
    ])
      await client.command(
        `INSERT INTO documents (project, kind, name, version, deleted, updated, value)
VALUES ('default', 'topic', 'secret', ${version}, ${deleted}, now64(3) - INTERVAL 2 HOUR, '"text"')`,
      );
    // Answers as ClickHouse does when it has merged nothing.
    const unmerged = new ClickHouseClient(parseClickHouseUrl(url), (input, init) => {
      const query = init?.body instanceof FormData ? init.body.get('query') : undefined;
      const isMerge = typeof query === 'string' && query.startsWith('OPTIMIZE');
      return isMerge ? Promise.resolve(new Response('')) : fetch(input, init);
    });
    expect(await schedulesAnother(new Purge(unmerged))).toBe(true);
    const mutations = () =>
      client.query(
        `SELECT command, is_done FROM system.mutations WHERE table = 'documents' AND database = currentDatabase()`,
      );
    expect(await mutations()).toEqual([]);
    await client.command('SYSTEM START MERGES documents');
    expect(await store.documents.list('topic')).toEqual([]);
    expect(await schedulesAnother(new Purge(client))).toBe(false);
    await eventually(async () => expect(await client.query('SELECT name FROM documents')).toEqual([]));
    // ClickHouse keeps the statements of mutations on its disk.
    expect(JSON.stringify(await mutations())).not.toContain('secret');
  });
});

/** Returns the tables with rows that are hidden, and still in the files of their parts. */
async function maskedTables(client: ClickHouseClient): Promise<readonly string[]> {
  const rows = await client.query<{ readonly name: string }>(
    'SELECT DISTINCT table AS name FROM system.parts WHERE active AND has_lightweight_delete AND database = currentDatabase()',
  );
  return rows.map(({ name }) => name);
}

/** Runs a purge. Returns true if it leaves something to a later one. */
async function schedulesAnother(purge: Purge): Promise<boolean> {
  const schedule = vi.spyOn(purge, 'schedule').mockReturnValue();
  await purge.run();
  return schedule.mock.calls.length > 0;
}
