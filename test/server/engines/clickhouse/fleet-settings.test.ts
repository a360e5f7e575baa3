import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { openClickHouseStore } from '../../../../src/server/engines/clickhouse/clickhouse-store.js';
import { Purge } from '../../../../src/server/engines/clickhouse/writes/purge.js';
import { Retention } from '../../../../src/server/engines/clickhouse/writes/retention.js';
import type { RecordStore } from '../../../../src/server/index.js';
import { erasedKeysOf, personKeysOf } from '../../../../src/server/model/privacy/erasure-keys.js';
import { startClickHouseShim } from '../../../support/start-clickhouse-shim.mjs';
import { chdbFolder } from '../../../support/use-clickhouse.js';
import { event, exported, idsOf, numbered } from '../stored.js';

const FLEET = new URL('../../../../examples/fleet/', import.meta.url);

/** The configuration of the image, as far as the settings of the example meet it. */
function baseOf(folder: string): string {
  return `<clickhouse>
  <query_log><partition_by>toYYYYMM(event_date)</partition_by></query_log>
  <part_log><partition_by>toYYYYMM(event_date)</partition_by></part_log>
  <trace_log><partition_by>toYYYYMM(event_date)</partition_by></trace_log>
  <user_directories><users_xml><path>${folder}/users.xml</path></users_xml></user_directories>
</clickhouse>`;
}

/** The user that statements of the engine in a process are of. */
const ADMINISTRATOR =
  '<default><password/><profile>default</profile><quota>default</quota><access_management>1</access_management></default>';

function fleetFile(name: string): string {
  return readFileSync(new URL(name, FLEET), 'utf8');
}

/** The statements of the README that copy and restore, in their order. */
function backupStatements(): string[] {
  return [...fleetFile('README.md').matchAll(/--query "((?:BACKUP|DROP|RESTORE) .*)"$/gm)].map(
    ([, statement]) => statement ?? '',
  );
}

async function answersOf(store: RecordStore): Promise<object> {
  return {
    records: await exported(store),
    statistics: await store.statistics({}, 10),
    users: await store.users({}, 100),
    threads: await store.threads({}, 100),
    found: (await store.list({ terms: [{ text: 'p12' }] }, { limit: 10 })).total,
    views: await store.documents.list('view'),
  };
}

describe.runIf(chdbFolder)('ClickHouse with the settings of examples/fleet', { timeout: 120_000 }, () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trubrics-fleet-'));
    for (const name of ['config.d', 'users.d', 'backups']) mkdirSync(join(folder, name));
    vi.stubEnv('CLICKHOUSE_PASSWORD', 'a password');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts an engine with the files of the example. Only the path of the backups is another one. */
  async function start(users: string, inExample: (text: string) => string = (text) => text) {
    const base = `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users>${users}</users></clickhouse>`;
    const settings = fleetFile('clickhouse/config.xml').replace('/backups/', `${join(folder, 'backups')}/`);
    writeFileSync(join(folder, 'config.xml'), baseOf(folder));
    writeFileSync(join(folder, 'users.xml'), base);
    writeFileSync(join(folder, 'config.d/trubrics.xml'), settings);
    writeFileSync(join(folder, 'users.d/trubrics.xml'), inExample(fleetFile('clickhouse/users.xml')));
    const engine = await startClickHouseShim(chdbFolder ?? '', join(folder, 'data'), 0, [
      `--config-file=${join(folder, 'config.xml')}`,
    ]);
    onTestFinished(() => engine.stop());
    const url = `clickhouse://127.0.0.1:${engine.port}`;
    const connect = (database: string) => new ClickHouseClient(parseClickHouseUrl(`${url}/${database}`));
    return { url: `${url}/trubrics`, connect, stop: () => engine.stop() };
  }

  test('a backup that is restored as the README says answers as before, and a person who was erased stays so', async () => {
    const { url, connect } = await start(ADMINISTRATOR);
    const administrator = connect('default');
    await administrator.command('CREATE DATABASE trubrics');
    const records = [...Array.from({ length: 40 }, (_, id) => numbered(id, id / 10)), event('e', 'Sign up')];
    const before = await openClickHouseStore({ url, maxWaitMs: 0 });
    await before.put(records);
    await before.documents.put({ kind: 'view', name: 'mine', value: { q: 'p1' } });
    const ofPerson = await exported(before, { users: ['user-1'] });
    const keys = ofPerson.flatMap((record) => [...erasedKeysOf(record), ...personKeysOf(record)]);
    await before.erase({ ids: ofPerson.map(({ id }) => id), keys });
    const answers = await answersOf(before);
    await before.close();

    const statements = backupStatements();
    expect(statements.map((statement) => statement.split(' ')[0])).toEqual(['BACKUP', 'DROP', 'RESTORE']);
    for (const statement of statements) await administrator.command(statement);

    const after = await openClickHouseStore({ url, maxWaitMs: 0 });
    onTestFinished(() => after.close());
    expect(ofPerson.length).toBeGreaterThan(10);
    expect(await answersOf(after)).toEqual(answers);
    // What Collectors held meanwhile comes again.
    await after.put(records);
    expect(await idsOf(after)).toHaveLength(records.length - ofPerson.length);
    expect(await idsOf(after, { users: ['user-1'] })).toEqual([]);
  });

  /** All that a server does with its tables, as the user that the engine in a process has. */
  async function serve(url: string, client: ClickHouseClient): Promise<void> {
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    onTestFinished(() => store.close());
    const now = new Date().toISOString();
    const old = Array.from({ length: 8 }, (_, id) => numbered(id));
    await store.put([...old, { ...numbered(9), timestamp: now }]);
    await store.documents.put({ kind: 'view', name: 'mine', value: {} });
    await store.documents.delete('view', 'mine');
    await store.pending?.put([{ id: 'x', kind: 'log', key: 'k', value: 'v' }]);
    await store.erase({ ids: ['1', 'x'], keys: ['record 1'] });
    await new Purge(client).run();
    await new Retention(client, 30, { onMasked() {}, async onCut() {} }).run();
    expect(await idsOf(store)).toEqual(['9']);
    expect((await store.usage()).records).toBe(1);
    await answersOf(store);
    await expect(client.command('DROP TABLE records')).rejects.toThrow(/Not enough privileges/);
  }

  test('the rights of the user of the servers are enough for all that a server does, and after its migrations those that the documentation names', async () => {
    const first = await start(ADMINISTRATOR);
    await first.connect('default').command('CREATE DATABASE trubrics');
    const ofUser = await first.connect('default').query<Record<string, string>>('SHOW GRANTS FOR trubrics');
    expect(ofUser.flatMap((row) => Object.values(row)).toSorted()).toEqual([
      'GRANT SELECT ON system.parts TO trubrics',
      'GRANT SELECT, INSERT, ALTER TABLE, CREATE TABLE, OPTIMIZE ON trubrics.* TO trubrics',
    ]);
    await first.stop();

    // The engine in a process knows one user, who shows no password: it gets what the example gives that of the servers.
    const asDefault = (text: string) =>
      text.replaceAll(/\btrubrics\b(?!\.)/g, 'default').replace(/<password .*\/>/, '<password/>');
    const second = await start('', asDefault);
    await serve(second.url, second.connect('trubrics'));
    const [profile] = await second
      .connect('trubrics')
      .query("SELECT value FROM system.settings WHERE name = 'max_execution_time'");
    expect(profile).toEqual({ value: '60' });
    await second.stop();

    const documentation = readFileSync(new URL('../../docs/clickhouse.md', FLEET), 'utf8');
    const [, fewer = ''] = /needs `(SELECT, .*)` and `system\.parts`/.exec(documentation) ?? [];
    expect(fewer).not.toContain('CREATE');
    const third = await start('', (text) =>
      asDefault(text).replace(/GRANT .* ON trubrics/, `GRANT ${fewer} ON trubrics`),
    );
    await expect(third.connect('trubrics').command('CREATE TABLE t (id String) ORDER BY id')).rejects.toThrow(
      /Not enough privileges/,
    );
    await serve(third.url, third.connect('trubrics'));
  });
});
