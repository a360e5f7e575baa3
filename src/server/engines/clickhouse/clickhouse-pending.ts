import { traceIdOf } from '../../../common/record-id.js';
import { PENDING_LOGS_MS, type PendingPart, type PendingParts } from '../pending-parts.js';
import type { ClickHouseClient } from './client/clickhouse-client.js';
import { InsertQueue } from './writes/insert-queue.js';

/** Parts of calls as rows of a table, which the engine deletes after a day. */
export class ClickHousePending implements PendingParts {
  readonly #client: ClickHouseClient;
  readonly #project: string;
  readonly #queue: InsertQueue<PendingPart, void>;

  constructor(
    client: ClickHouseClient,
    project: string,
    limits: { readonly maxItems: number; readonly maxWaitMs: number },
  ) {
    this.#client = client;
    this.#project = project;
    this.#queue = new InsertQueue({
      write: (parts) =>
        client.insert(
          'pending_parts',
          parts.map((part) => ({ project, ...part })),
        ),
      ...limits,
    });
  }

  async put(parts: readonly PendingPart[]): Promise<void> {
    if (parts.length > 0) await this.#queue.add(parts);
  }

  async find(ids: readonly string[]): Promise<readonly PendingPart[]> {
    if (ids.length === 0) return [];
    return this.#client.query<PendingPart>(
      `SELECT DISTINCT id, kind, key, value FROM pending_parts
WHERE project = {project:String} AND id IN {ids:Array(String)}`,
      { parameters: { project: this.#project, ids } },
    );
  }

  async hasLogs(): Promise<boolean> {
    const rows = await this.#client.query(
      `SELECT 1 AS found FROM pending_parts
WHERE project = {project:String} AND kind = 'log' AND received > now() - INTERVAL {seconds:UInt32} SECOND LIMIT 1`,
      { parameters: { project: this.#project, seconds: PENDING_LOGS_MS / 1000 } },
    );
    return rows.length > 0;
  }

  /** Masks parts. */
  async forget(parts: readonly PendingPart[]): Promise<void> {
    if (parts.length === 0) return;
    await this.#delete(
      ' AND id IN {ids:Array(String)} AND has(arrayZip({ids:Array(String)}, {keys:Array(String)}), (id, key))',
      { ids: parts.map(({ id }) => id), keys: parts.map(({ key }) => key) },
    );
  }

  /** Masks the parts of the traces of erased records: spans hold texts of those above them. */
  async erase(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // Ids without a trace stand for themselves, as below.
    const traces = [...new Set(ids.map((id) => traceIdOf(id) || id))];
    await this.#delete(" AND replaceRegexpOne(id, '-[^-]*$', '') IN {traces:Array(String)}", { traces });
  }

  /** Masks the parts of the project. */
  clear(): Promise<void> {
    return this.#delete('', {});
  }

  async #delete(chosen: string, values: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const parameters = { project: this.#project, ...values };
    const where = `WHERE project = {project:String}${chosen}`;
    // A deletion touches every part of the table: most records have nothing here.
    const [found] = await this.#client.query(`SELECT 1 AS found FROM pending_parts ${where} LIMIT 1`, {
      parameters,
    });
    if (found) await this.#client.command(`DELETE FROM pending_parts ${where}`, { parameters });
  }

  /** Writes what waits. */
  drain(): Promise<void> {
    return this.#queue.drain();
  }
}
