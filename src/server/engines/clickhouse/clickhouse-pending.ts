import { traceIdOf } from '../../../common/record-id.js';
import { PENDING_LOGS_MS, type PendingPart, type PendingParts } from '../pending-parts.js';
import type { ClickHouseClient } from './client/clickhouse-client.js';
import type { Parameters } from './client/parameters.js';
import { digestOf, digestSql } from './writes/digest.js';
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
    await this.#mask(` AND ${digestSql("concat(id, ' ', kind, ' ', key)")} IN {digests:Array(String)}`, {
      digests: parts.map(({ id, kind, key }) => digestOf(`${id} ${kind} ${key}`)),
    });
  }

  /** Masks the parts of the traces of erased records: spans hold texts of those above them. */
  async erase(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // Ids without a trace stand for themselves, as below.
    const traces = [...new Set(ids.map((id) => traceIdOf(id) || id))];
    const digest = digestSql("replaceRegexpOne(id, '-[^-]*$', '')");
    await this.#maskAny(` AND ${digest} IN {digests:Array(String)}`, { digests: traces.map(digestOf) });
  }

  /** Masks the parts of the project. */
  clear(): Promise<void> {
    return this.#maskAny('', {});
  }

  /** A deletion touches every part of the table: most records have nothing here. */
  async #maskAny(chosen: string, values: Parameters): Promise<void> {
    const found = await this.#client.query(
      `SELECT 1 AS found FROM pending_parts WHERE project = {project:String}${chosen} LIMIT 1`,
      { parameters: { project: this.#project, ...values } },
    );
    if (found.length > 0) await this.#mask(chosen, values);
  }

  #mask(chosen: string, values: Parameters): Promise<void> {
    return this.#client.command(`DELETE FROM pending_parts WHERE project = {project:String}${chosen}`, {
      parameters: { project: this.#project, ...values },
    });
  }

  /** Writes what waits. */
  drain(): Promise<void> {
    return this.#queue.drain();
  }
}
