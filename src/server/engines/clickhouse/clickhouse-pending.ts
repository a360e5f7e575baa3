import { traceIdOf } from '../../../common/record-id.js';
import { PENDING_LOGS_MS, type PendingPart, type PendingParts } from '../pending-parts.js';
import type { ClickHouseClient } from './client/clickhouse-client.js';
import type { Parameters } from './client/parameters.js';
import { digestOf, digestSql } from './writes/digest.js';
import { InsertQueue } from './writes/insert-queue.js';

/** Parts of one statement that masks: each statement is a mutation of the table. */
const FORGOTTEN_AT_ONCE = 5000;

/** Parts of calls as rows of a table, which the engine deletes after a day. */
export class ClickHousePending implements PendingParts {
  readonly #client: ClickHouseClient;
  readonly #project: string;
  readonly #queue: InsertQueue<PendingPart, void>;
  readonly #forgets: InsertQueue<string, void>;
  /** When the forgets that wait or run end, by the digest of the part. */
  readonly #forgetting = new Map<string, Promise<void>>();
  /** Puts that wait for forgets before they are added to the queue. */
  readonly #entering = new Set<Promise<unknown>>();

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
    this.#forgets = new InsertQueue({
      write: (digests) => this.#forgetAll([...new Set(digests)]),
      maxItems: FORGOTTEN_AT_ONCE,
      maxWaitMs: limits.maxWaitMs,
    });
  }

  async put(parts: readonly PendingPart[]): Promise<void> {
    if (parts.length === 0) return;
    // A part that is put after it was forgotten is kept.
    if (this.#forgetting.size === 0) return this.#queue.add(parts);
    const forgets = parts.flatMap((part) => this.#forgetting.get(partDigest(part)) ?? []);
    const entering = Promise.allSettled(forgets).then(() => ({ written: this.#queue.add(parts) }));
    this.#entering.add(entering);
    const { written } = await entering;
    this.#entering.delete(entering);
    await written;
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

  /** Masks parts, together with those of other calls at the same time. */
  async forget(parts: readonly PendingPart[]): Promise<void> {
    if (parts.length === 0) return;
    const digests = parts.map(partDigest);
    const done = this.#forgets.add(digests);
    for (const digest of digests) this.#forgetting.set(digest, done);
    try {
      await done;
    } finally {
      for (const digest of digests)
        if (this.#forgetting.get(digest) === done) this.#forgetting.delete(digest);
    }
  }

  async #forgetAll(digests: readonly string[]): Promise<void> {
    const digest = digestSql("concat(id, ' ', kind, ' ', key)");
    for (let from = 0; from < digests.length; from += FORGOTTEN_AT_ONCE)
      await this.#mask(` AND ${digest} IN {digests:Array(String)}`, {
        digests: digests.slice(from, from + FORGOTTEN_AT_ONCE),
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

  /** Forgets and writes what waits, also parts that are put again after they are forgotten. */
  async drain(): Promise<void> {
    await this.#forgets.drain();
    await Promise.all(this.#entering);
    await this.#queue.drain();
  }
}

/** Returns what stands for a part in a statement. */
function partDigest({ id, kind, key }: PendingPart): string {
  return digestOf(`${id} ${kind} ${key}`);
}
