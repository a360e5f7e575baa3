import type { ClickHouseClient } from '../client/clickhouse-client.js';
import { dayOf } from '../queries/record-row.js';

const DAY_MS = 86_400_000;
/** Time from the start of a server to the first look, and from one to the next. */
const FIRST_MS = 1000;
const EVERY_MS = 6 * 60 * 60 * 1000;

export interface RetentionListener {
  /** Rows were masked, which are still on the disk. */
  readonly onMasked: () => void;
  /** These projects are about to lose their oldest records. */
  readonly onCut: (projects: readonly string[]) => Promise<void>;
}

/**
 * Deletes records whose time is longer ago than a number of days, of all projects. Months that are over as a whole are dropped, which costs nothing; the rest of the
 * oldest month is masked. All versions of a record have one day, so that none of them remains. Any number of servers may do it.
 */
export class Retention {
  readonly #client: ClickHouseClient;
  readonly #days: number;
  readonly #listener: RetentionListener;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(client: ClickHouseClient, days: number, listener: RetentionListener) {
    this.#client = client;
    this.#days = days;
    this.#listener = listener;
  }

  /** Deletes from now on. If it fails, the next look does what was left. */
  schedule(afterMs = FIRST_MS): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      void this.run()
        .catch(() => {})
        .finally(() => this.schedule(EVERY_MS));
    }, afterMs).unref();
  }

  /** @throws ClickHouseError */
  async run(now = Date.now()): Promise<void> {
    const day = dayOf(now - this.#days * DAY_MS);
    const parameters = { day };
    const projects = await this.#client.query<{ project: string }>(
      'SELECT DISTINCT toString(project) AS project FROM records WHERE day < {day:Date32}',
      { parameters },
    );
    // Before they are gone: a server that stops in between would never say it.
    if (projects.length > 0) await this.#listener.onCut(projects.map(({ project }) => project));
    const months = await this.#client.query<{ month: string; last: string }>(
      `SELECT _partition_id AS month, toString(max(day)) AS last FROM records
GROUP BY month HAVING max(day) < {day:Date32} ORDER BY month`,
      { parameters },
    );
    for (const { month } of months)
      await this.#client.command(`ALTER TABLE records DROP PARTITION ID '${month.replace(/\D/g, '')}'`);
    const last = months.at(-1)?.last;
    // Ids of the oldest month stay until it is dropped: they are a table without months, of which a deletion touches every part.
    if (last !== undefined)
      await this.#client.command('DELETE FROM record_ids WHERE day <= {last:Date32}', {
        parameters: { last },
      });
    const [old] = await this.#client.query(
      'SELECT 1 AS found FROM records WHERE day < {day:Date32} LIMIT 1',
      {
        parameters,
      },
    );
    if (!old) return;
    await this.#client.command('DELETE FROM records WHERE day < {day:Date32}', { parameters });
    this.#listener.onMasked();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
