import { processEnvironment } from '../../common/options/environment.js';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../server/engines/clickhouse/client/clickhouse-client.js';
import { migrate as migrateSchema } from '../../server/engines/clickhouse/schema/migrate.js';
import { CommandError } from '../command-error.js';
import { storeProblem } from './open-store.js';
import { parseStore } from './parse-store.js';
import { readArguments } from '../options/read-arguments.js';
import { SERVE_ARGUMENTS } from './serve-arguments.js';
import { MIGRATE_USAGE } from './usage.js';

/**
 * Brings the schema of a ClickHouse up to date.
 *
 * @throws CommandError
 */
export async function migrate(args: readonly string[]): Promise<void> {
  const environment = processEnvironment();
  const { store: spec, help } = SERVE_ARGUMENTS;
  const given = readArguments(args, { store: spec, help }, environment);
  if (given.flag('help')) {
    process.stdout.write(MIGRATE_USAGE);
    return;
  }
  const store = parseStore(given.text('store'), given.source('store'), environment);
  if (store.kind !== 'clickhouse')
    throw new CommandError(`Only a ClickHouse has a schema: --store ${store.shown} needs no migration`, 2);
  try {
    const applied = await migrateSchema(new ClickHouseClient(parseClickHouseUrl(store.url)));
    for (const { number, name } of applied) process.stdout.write(`applied migration ${number} (${name})\n`);
    if (applied.length === 0) process.stdout.write(`${store.shown} is up to date\n`);
  } catch (error) {
    throw storeProblem(error, store) ?? error;
  }
}
