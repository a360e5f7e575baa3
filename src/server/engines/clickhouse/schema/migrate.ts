import { randomUUID } from 'node:crypto';
import { ClickHouseError, type ClickHouseClient } from '../client/clickhouse-client.js';
import { MIGRATIONS, type Migration } from './schema.js';

/** Oldest release that is accepted: the oldest that was tried (docs/clickhouse.md, "Versions"). Earlier ones have no package that could be tried. */
export const OLDEST_VERSION = [26, 5] as const;

/** After this time without a sign of life, a server that claimed the migration counts as gone. */
const CLAIM_TIMEOUT_S = 30;
const RENEW_CLAIM_MS = 5_000;
const POLL_MS = 250;

/** A ClickHouse that is too old, or whose schema needs a later release of this package. */
export class UnsupportedClickHouseError extends Error {
  override readonly name = 'UnsupportedClickHouseError';
}

const UNKNOWN_TABLE = 60;

/** The last one is there only if all are. */
const BOOKKEEPING = [
  `CREATE TABLE IF NOT EXISTS schema_claims (claimant String, at DateTime64(6, 'UTC') DEFAULT now64(6), done UInt8 DEFAULT 0)
ENGINE = MergeTree ORDER BY at TTL toDateTime(at) + INTERVAL 1 DAY`,
  `CREATE TABLE IF NOT EXISTS schema_migrations (number UInt32, name String, oldest_reader UInt32, at DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = ReplacingMergeTree ORDER BY number`,
];

/**
 * Brings the schema up to date. Servers that start together agree on one that does it; the others wait. Should two do it after all, because
 * their claims were replicated late, the statements can be repeated.
 *
 * @returns the migrations that this call has applied
 * @throws UnsupportedClickHouseError, ClickHouseError
 */
export async function migrate(
  client: ClickHouseClient,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly Migration[]> {
  await checkVersion(client);
  await createBookkeeping(client);
  if ((await pendingMigrations(client, migrations)).length === 0) return [];
  const claimant = randomUUID();
  const claim = (done = 0): Promise<void> => client.insert('schema_claims', [{ claimant, done }]);
  await claim();
  const renewal = setInterval(() => void claim().catch(() => {}), RENEW_CLAIM_MS);
  try {
    for (;;) {
      const pending = await pendingMigrations(client, migrations);
      if (pending.length === 0) return [];
      if ((await leader(client)) === claimant) return await apply(client, pending);
      await delay(POLL_MS);
    }
  } finally {
    clearInterval(renewal);
    await claim(1).catch(() => {});
  }
}

/** @throws UnsupportedClickHouseError with one line that says what to do */
async function checkVersion(client: ClickHouseClient): Promise<void> {
  const [row] = await client.query<{ version: string }>('SELECT version() AS version');
  const [major = 0, minor = 0] = (row?.version ?? '').split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new UnsupportedClickHouseError(
    `ClickHouse ${row?.version} is too old: ${OLDEST_VERSION.join('.')} or later is needed.`,
  );
}

/** Creates the tables of migrations if they are missing: `IF NOT EXISTS` needs the right to create, which a server that only reads and writes has not. */
async function createBookkeeping(client: ClickHouseClient): Promise<void> {
  try {
    await client.query('SELECT 1 AS found FROM schema_migrations LIMIT 1');
  } catch (error) {
    if (!(error instanceof ClickHouseError) || error.code !== UNKNOWN_TABLE) throw error;
    for (const statement of BOOKKEEPING) await client.command(statement);
  }
}

/** @throws UnsupportedClickHouseError */
async function pendingMigrations(
  client: ClickHouseClient,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const applied = await client.query<{ number: number; oldest_reader: number }>(
    'SELECT number, oldest_reader FROM schema_migrations FINAL',
  );
  const newest = migrations.at(-1)?.number ?? 0;
  if (applied.some((row) => row.oldest_reader > newest))
    throw new UnsupportedClickHouseError(
      'The schema of this database was changed by a later release that this one cannot read: upgrade this server.',
    );
  const numbers = new Set(applied.map((row) => row.number));
  return migrations.filter(({ number }) => !numbers.has(number));
}

/** Returns the claimant that came first, among those that are still alive. */
async function leader(client: ClickHouseClient): Promise<string | undefined> {
  const [row] = await client.query<{ claimant: string }>(
    `SELECT claimant FROM schema_claims GROUP BY claimant
HAVING max(done) = 0 AND max(at) > now64(6) - INTERVAL ${CLAIM_TIMEOUT_S} SECOND
ORDER BY min(at), claimant LIMIT 1`,
  );
  return row?.claimant;
}

async function apply(client: ClickHouseClient, pending: readonly Migration[]): Promise<readonly Migration[]> {
  for (const { number, name, oldestReader = 0, statements } of pending) {
    for (const statement of statements) await client.command(statement);
    await client.insert('schema_migrations', [{ number, name, oldest_reader: oldestReader }]);
  }
  return pending;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
