import type { ClickHouseClient } from '../client/clickhouse-client.js';

/** Longest time from an erasure to the start of the mutation that frees its disk. It rewrites parts, so that erasures are gathered. */
export const PURGE_AFTER_MS = 60 * 60 * 1000;

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

  /** Starts the mutation if parts have masked rows: of this server or of one that has ended. @throws ClickHouseError */
  async run(): Promise<void> {
    const [row] = await this.#client.query<{ parts: string }>(
      `SELECT count() AS parts FROM system.parts
WHERE active AND has_lightweight_delete AND database = currentDatabase() AND table = 'records'`,
    );
    if (Number(row?.parts ?? 0) > 0)
      await this.#client.command('ALTER TABLE records APPLY DELETED MASK', {
        settings: { mutations_sync: 0 },
      });
    await this.#purgeDocuments();
  }

  /**
   * Merges earlier versions of documents away, then removes the rows of deleted ones, whose names can be words. Not those of the last hour: another server may be
   * writing the next version.
   */
  async #purgeDocuments(): Promise<void> {
    await this.#client.command('OPTIMIZE TABLE documents FINAL');
    await this.#client.command(
      'ALTER TABLE documents DELETE WHERE deleted = 1 AND updated < now() - INTERVAL 1 HOUR',
      { settings: { mutations_sync: 0 } },
    );
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
