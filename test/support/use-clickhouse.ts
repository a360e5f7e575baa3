import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { startClickHouseShim } from './start-clickhouse-shim.mjs';

const CACHED = fileURLToPath(new URL('../../node_modules/.cache/compat/clickhouse', import.meta.url));

/**
 * Folder of an install with `chdb`, which `npm run test:compat clickhouse` makes. Without one, the tests of ClickHouse are skipped with a warning;
 * the compatibility run sets TRUBRICS_TEST_CHDB, and then they fail.
 */
export const chdbFolder = findChdb();

function findChdb(): string | undefined {
  const given = process.env['TRUBRICS_TEST_CHDB'];
  const folder = given ?? CACHED;
  if (existsSync(join(folder, 'node_modules/chdb'))) return folder;
  const message = 'No chdb found: npm run test:compat clickhouse installs it and runs them.';
  if (given !== undefined) throw new Error(message);
  console.warn(`\n*** SKIPPED: the tests of ClickHouse. ${message} ***\n`);
  return undefined;
}

/** A ClickHouse for all tests of a file. */
export interface TestClickHouse {
  /** Makes an empty database. Returns its `clickhouse://` address. */
  createDatabase(): Promise<string>;
  /** Ends the engine without warning, and starts it again on the same data and port. */
  restart(): Promise<void>;
}

/** Starts an engine in a process of its own, which the HTTP interface of `clickhouse-shim.mjs` stands in front of. */
export function useClickHouse(): TestClickHouse {
  let server: { readonly port: number; stop(): Promise<void> } | undefined;
  let count = 0;
  let data = '';
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'trubrics-clickhouse-'));
    server = await startClickHouseShim(chdbFolder ?? '', data);
  }, 180_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(data, { recursive: true, force: true });
  }, 180_000);
  return {
    async createDatabase() {
      const address = `clickhouse://127.0.0.1:${server?.port ?? 0}`;
      const name = `test_${count++}`;
      await new ClickHouseClient(parseClickHouseUrl(address)).command(`CREATE DATABASE ${name}`);
      return `${address}/${name}`;
    },
    async restart() {
      const port = server?.port ?? 0;
      await server?.stop();
      server = await startClickHouseShim(chdbFolder ?? '', data, port);
    },
  };
}
