import { createHash } from 'node:crypto';
import type { ClickHouseClient } from '../client/clickhouse-client.js';

/** Facts that are stored about an id. */
export interface KnownId {
  /** Day of the row that is not superseded. */
  readonly day: string;
  /** Place in the order of arrival. The first write fixes it. */
  readonly seq: number;
  readonly version: bigint;
  /** True if the record was removed. If it is written again, it is a new one. */
  readonly isGone: boolean;
}

/** An id as it is written to `record_ids`. */
export interface WrittenId extends KnownId {
  readonly id: string;
}

/** Returns the key of an id in `record_ids`: 8 bytes of its SHA-256. With 100 million ids, two of them share one with a chance of 1 in 3,700. */
export function hashOf(id: string): bigint {
  return createHash('sha256').update(id).digest().readBigUInt64LE();
}

/** Returns what is known of these ids. @throws ClickHouseError */
export async function findIds(
  client: ClickHouseClient,
  project: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, KnownId>> {
  const byHash = new Map(ids.map((id) => [String(hashOf(id)), id]));
  const rows = await client.query<{ hash: string; day: string; seq: string; version: string; gone: number }>(
    `SELECT hash, latest.1 AS day, latest.2 AS seq, latest.3 AS version, latest.4 AS gone FROM (
  SELECT hash, argMax((day, seq, version, gone), version) AS latest FROM record_ids
  WHERE project = {project:String} AND hash IN {hashes:Array(UInt64)}
  GROUP BY hash)`,
    { parameters: { project, hashes: Array.from(byHash.keys(), BigInt) } },
  );
  return new Map(
    rows.flatMap(({ hash, day, seq, version, gone }) => {
      const id = byHash.get(hash);
      return id === undefined
        ? []
        : [[id, { day, seq: Number(seq), version: BigInt(version), isGone: gone === 1 }] as const];
    }),
  );
}

/** A row of `records` that another one of the same id supersedes on another day. */
export interface OtherDay {
  readonly id: string;
  readonly day: string;
  /** Version of the row that supersedes it. */
  readonly version: bigint;
}

/**
 * Returns the days on which servers have written these ids at the same time, without knowing of each other, but for the day of the latest version. Each writer
 * looks after it has written, so that the last one of them sees the rows of all.
 *
 * @throws ClickHouseError
 */
export async function findOtherDays(
  client: ClickHouseClient,
  project: string,
  ids: readonly string[],
): Promise<readonly OtherDay[]> {
  const byHash = new Map(ids.map((id) => [String(hashOf(id)), id]));
  const rows = await client.query<{ hash: string; days: readonly string[]; latest: string }>(
    `SELECT hash, arrayFilter(d -> d != argMax(day, version), groupUniqArray(day)) AS days, max(version) AS latest FROM record_ids
WHERE project = {project:String} AND hash IN {hashes:Array(UInt64)}
GROUP BY hash HAVING uniqExact(day) > 1`,
    { parameters: { project, hashes: Array.from(byHash.keys(), BigInt) } },
  );
  return rows.flatMap(({ hash, days, latest }) => {
    const id = byHash.get(hash);
    return id === undefined ? [] : days.map((day) => ({ id, day, version: BigInt(latest) }));
  });
}

/** @throws ClickHouseError */
export function writeIds(
  client: ClickHouseClient,
  project: string,
  ids: readonly WrittenId[],
): Promise<void> {
  const rows = ids.map(({ id, day, seq, version, isGone }) => ({
    project,
    hash: String(hashOf(id)),
    day,
    seq,
    version: String(version),
    gone: isGone ? 1 : 0,
  }));
  return client.insert('record_ids', rows);
}
