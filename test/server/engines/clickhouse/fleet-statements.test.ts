import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { openClickHouseStore } from '../../../../src/server/engines/clickhouse/clickhouse-store.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';
import { numbered } from '../stored.js';

function fleetFile(name: string): string {
  return readFileSync(new URL(`../../../../examples/fleet/${name}`, import.meta.url), 'utf8');
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found ?? '');
}

/** The right that each kind of statement needs, and the groups of rights of ClickHouse's documentation ("GRANT Statement", "Privileges"). */
const RIGHTS: Readonly<Record<string, string>> = {
  'CREATE TABLE': 'CREATE TABLE',
  'ALTER TABLE': 'ALTER TABLE',
  'DELETE FROM': 'ALTER TABLE',
  'OPTIMIZE TABLE': 'OPTIMIZE',
};

test('the rights that example and documentation grant are those that the statements of the engine need', () => {
  const folder = new URL('../../../../src/server/engines/clickhouse/', import.meta.url);
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, ''))
    .join('\n');
  const kinds = source.match(
    /\b(?:(?:CREATE|ALTER|OPTIMIZE|DROP|TRUNCATE|RENAME|ATTACH|DETACH) TABLE|DELETE FROM|(?:CREATE|DROP) \w+ IF|(?:SYSTEM|KILL) [A-Z]+)\b/g,
  );
  const needed = new Set(['SELECT', 'INSERT', ...(kinds ?? []).map((kind) => RIGHTS[kind] ?? `? ${kind}`)]);
  const documentation = readFileSync(new URL('../../../../docs/clickhouse.md', import.meta.url), 'utf8');
  for (const text of [fleetFile('clickhouse/users.xml'), documentation]) {
    const [granted] = matches(text, /^(?: *<query>)?GRANT (.*) ON trubrics\.\*/gm);
    expect(granted?.split(', ').toSorted()).toEqual([...needed].toSorted());
    const tables = matches(text, /^(?: *<query>)?GRANT SELECT ON (system\.\w+)/gm);
    expect(tables).toEqual([...new Set(source.match(/\bsystem\.[a-z]\w*/g))]);
  }
});

describe.runIf(chdbFolder)('statements in examples/fleet', { timeout: 180_000 }, () => {
  const clickhouse = useClickHouse();

  test('the statement of the README that measures records runs, and counts what is stored', async () => {
    const url = await clickhouse.createDatabase();
    const store = await openClickHouseStore({ url, maxWaitMs: 0 });
    await store.put([numbered(1)]);
    await store.close();
    const [statement = ''] = matches(fleetFile('README.md'), /`(SELECT sum\(bytes_on_disk\).*?)`/g);
    const [row] = await new ClickHouseClient(parseClickHouseUrl(url)).query<object>(statement);
    expect(Number(Object.values(row ?? {})[0])).toBeGreaterThan(100);
  });

  test('the tables of the logs of ClickHouse can be made as they are configured, and no other log is kept', async () => {
    const client = new ClickHouseClient(parseClickHouseUrl(await clickhouse.createDatabase()));
    const config = fleetFile('clickhouse/config.xml');
    const logs = [
      ...config.matchAll(/<(\w+_log)>\s*<partition_by>(.*)<\/partition_by>\s*<ttl>(.*)<\/ttl>\s*<\/\1>/g),
    ];
    expect(logs.map(([, name]) => name)).toEqual(['query_log', 'part_log']);
    const named = matches(config, /<(\w+_log)\b/g);
    expect(named.filter((name) => !config.includes(`<${name} remove="1"/>`))).toEqual([
      'query_log',
      'part_log',
    ]);
    expect(named.length).toBeGreaterThan(12);
    for (const [, name, partition, ttl] of logs)
      await client.command(
        `CREATE TABLE ${name} (event_date Date, event_time DateTime, event String)
ENGINE = MergeTree PARTITION BY ${partition} ORDER BY (event_date, event_time) TTL ${ttl}`,
      );
  });
});
