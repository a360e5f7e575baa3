import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';

function fleetFile(name: string): string {
  return readFileSync(new URL(`../../../../examples/fleet/${name}`, import.meta.url), 'utf8');
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found ?? '');
}

describe.runIf(chdbFolder)('statements in examples/fleet', { timeout: 180_000 }, () => {
  const clickhouse = useClickHouse();

  test('the grants, backups and restores are understood by the engine', async () => {
    const client = new ClickHouseClient(parseClickHouseUrl(await clickhouse.createDatabase()));
    const statements = [
      ...matches(fleetFile('clickhouse/users.yaml'), /- query: (GRANT .*)$/gm).map(
        (grant) => `${grant} TO trubrics`,
      ),
      ...matches(fleetFile('README.md'), /--query "((?:BACKUP|RESTORE) .*)"$/gm),
      ...matches(fleetFile('README.md'), /`(SELECT sum\(bytes_on_disk\).*?)`/g),
      ...matches(fleetFile('README.md'), /`(ALTER TABLE .*?)`/g),
    ];
    expect(statements).toHaveLength(6);
    for (const statement of statements) {
      const [row] = await client.query<{ formatted: string }>(
        'SELECT formatQuery({statement:String}) AS formatted',
        {
          parameters: { statement },
        },
      );
      expect(row?.formatted.length).toBeGreaterThan(10);
    }
  });

  test('the tables of the logs of ClickHouse can be made as they are configured', async () => {
    const client = new ClickHouseClient(parseClickHouseUrl(await clickhouse.createDatabase()));
    const engines = matches(fleetFile('clickhouse/config.yaml'), /^ {2}engine: (ENGINE .*)$/gm);
    expect(engines).toHaveLength(2);
    for (const [at, engine] of engines.entries())
      await client.command(
        `CREATE TABLE log_${at} (event_date Date, event_time DateTime, event String) ${engine}`,
      );
  });

  test('the settings of the profile exist', async () => {
    const client = new ClickHouseClient(parseClickHouseUrl(await clickhouse.createDatabase()));
    const settings = matches(fleetFile('clickhouse/users.yaml'), /^ {4}(max_\w+): \d+$/gm);
    expect(settings.length).toBeGreaterThanOrEqual(4);
    for (const name of settings) {
      const rows = await client.query('SELECT name FROM system.settings WHERE name = {name:String}', {
        parameters: { name },
      });
      expect([name, rows.length]).toEqual([name, 1]);
    }
  });
});
