import type { ClickHouseClient } from '../client/clickhouse-client.js';

/** Longest time from an erasure to the start of the mutation that frees its disk. It rewrites parts, so that erasures are gathered. */
export const PURGE_AFTER_MS = 60 * 60 * 1000;

/** Tables with texts, of which an erasure masks rows. */
const MASKED_TABLES = ['records', 'pending_parts'] as const;

/** Keys of documents that one mutation removes. */
const KEYS_AT_ONCE = 10_000;
const DOCUMENT_KEY = 'sipHash64(project, kind, name)';

interface DeletedDocument {
  readonly key: string;
  /** Seconds: an hour ago, by the clock of ClickHouse. */
  readonly before: string;
  /** 1 if no row would be seen in place of the one that says so. */
  readonly removable: number;
}

/** Removes masked rows from the disk. Until then, a `DELETE` hides them, and they stay in the files of their parts. */
export class Purge {
  readonly #client: ClickHouseClient;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ClickHouseClient) {
    this.#client = client;
  }

  /** Starts a purge within an hour. If it fails, it is tried again an hour later. */
  schedule(afterMs = PURGE_AFTER_MS): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.run().catch(() => this.schedule());
    }, afterMs).unref();
  }

  /** Starts a mutation of each table that has masked rows: of this server or of one that has ended. @throws ClickHouseError */
  async run(): Promise<void> {
    const masked = await this.#client.query<{ readonly name: string }>(
      `SELECT DISTINCT table AS name FROM system.parts
WHERE active AND has_lightweight_delete AND database = currentDatabase() AND table IN {tables:Array(String)}`,
      { parameters: { tables: MASKED_TABLES } },
    );
    for (const { name } of masked)
      await this.#client.command(`ALTER TABLE ${name} APPLY DELETED MASK`, {
        settings: { mutations_sync: 0 },
      });
    await this.#purgeDocuments();
  }

  /**
   * Merges earlier versions of documents away, then removes the rows of deleted ones, whose names can be words. Not those of the last hour: another server
   * may be writing the next version. Those are left for another purge.
   */
  async #purgeDocuments(): Promise<void> {
    await this.#client.command('OPTIMIZE TABLE documents FINAL');
    // It merges nothing if parts are being merged or the disk is full (`optimize_throw_if_noop`): an earlier row would then be seen again.
    const deleted = await this.#client.query<DeletedDocument>(
      `SELECT toString(${DOCUMENT_KEY}) AS key, toUnixTimestamp(now()) - 3600 AS before,
  min(deleted) = 1 AND max(updated) < toDateTime(before) AS removable
FROM documents GROUP BY project, kind, name HAVING argMax(deleted, version) = 1`,
    );
    const removable = deleted.filter((document) => document.removable === 1);
    if (removable.length < deleted.length) this.schedule();
    for (let from = 0; from < removable.length; from += KEYS_AT_ONCE) {
      const some = removable.slice(from, from + KEYS_AT_ONCE);
      const parameters = { keys: some.map(({ key }) => key), before: Number(some[0]?.before) };
      // Constants, because replicas refuse `now()` and subqueries in a mutation. Hashes, because ClickHouse keeps the text of mutations.
      await this.#client.command(
        `ALTER TABLE documents DELETE WHERE deleted = 1 AND updated < toDateTime({before:UInt32})
AND toString(${DOCUMENT_KEY}) IN {keys:Array(String)}`,
        { parameters, settings: { mutations_sync: 0 } },
      );
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
