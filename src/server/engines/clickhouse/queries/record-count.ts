import type { ClickHouseClient } from '../client/clickhouse-client.js';

/** The number of records of one month, as it was when the month had these parts. */
interface MonthCount {
  readonly parts: string;
  readonly number: number;
}

interface MonthParts {
  readonly month: string;
  readonly parts: string;
}

/**
 * Counts the records of a project. Months whose parts have not changed since the last time are not read again, so that what is asked every few seconds does not read
 * all of time. All versions of a record are in one month, because its day is part of the key.
 */
export class RecordCount {
  readonly #client: ClickHouseClient;
  readonly #project: string;
  #months: ReadonlyMap<string, MonthCount> = new Map();

  constructor(client: ClickHouseClient, project: string) {
    this.#client = client;
    this.#project = project;
  }

  /** @throws ClickHouseError */
  async read(): Promise<number> {
    // Every write, merge and deletion makes parts with other names.
    const months = await this.#client.query<MonthParts>(
      `SELECT partition_id AS month, toString(groupBitXor(cityHash64(name))) AS parts FROM system.parts
WHERE active AND database = currentDatabase() AND table = 'records' GROUP BY month ORDER BY month`,
    );
    const changed = months.filter(({ month, parts }) => this.#months.get(month)?.parts !== parts);
    const counts = await this.#count(changed.map(({ month }) => month));
    const counted = months.map(({ month, parts }): [string, MonthCount] => {
      const known = this.#months.get(month);
      const number = known?.parts === parts ? known.number : (counts.get(month) ?? 0);
      return [month, { parts, number }];
    });
    this.#months = new Map(counted);
    return counted.reduce((sum, [, { number }]) => sum + number, 0);
  }

  async #count(months: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (months.length === 0) return new Map();
    const rows = await this.#client.query<{ month: string; number: string }>(
      `SELECT toString(toYYYYMM(day)) AS month, count() AS number FROM records FINAL
WHERE project = {project:String} AND _partition_id IN {months:Array(String)}
GROUP BY month`,
      { parameters: { project: this.#project, months } },
    );
    return new Map(rows.map(({ month, number }) => [month, Number(number)]));
  }
}
