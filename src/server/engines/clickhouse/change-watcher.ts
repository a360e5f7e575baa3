import type { ClickHouseClient } from './client/clickhouse-client.js';
import { WRITTEN } from './queries/changes/read-changes.js';

const POLL_MS = 1000;

/** Calls listeners after changes: at once after those of this server, within a second after those of others. Asks only while somebody listens. */
export class ChangeWatcher {
  readonly #client: ClickHouseClient;
  readonly #project: string;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Latest version that was seen. */
  #latest = '0';

  constructor(client: ClickHouseClient, project: string) {
    this.#client = client;
    this.#project = project;
  }

  watch(listener: () => void): () => void {
    // An object of its own for each call, so that one listener can watch twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    this.#schedule();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.close();
    };
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.#poll(), POLL_MS);
  }

  async #poll(): Promise<void> {
    // While ClickHouse is gone, requests tell so. The next poll asks again.
    if (await this.#hasChanged().catch(() => false)) this.notify();
    this.#timer = undefined;
    if (this.#listeners.size > 0) this.#schedule();
  }

  async #hasChanged(): Promise<boolean> {
    const [row] = await this.#client.query<{ latest: string }>(
      `SELECT toString(max(${WRITTEN})) AS latest FROM records
WHERE project = {project:String} AND ${WRITTEN} > {latest:UInt64}`,
      // On the first poll: the last minute, not the whole table.
      { parameters: { project: this.#project, latest: this.#latest === '0' ? minuteAgo() : this.#latest } },
    );
    if (row === undefined || row.latest === '0') return false;
    this.#latest = row.latest;
    return true;
  }
}

function minuteAgo(): string {
  return String(BigInt(Date.now() - 60_000) * 1000n * 1024n);
}
