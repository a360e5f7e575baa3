import { wellFormed } from '../../../../records/text/clean-text.js';
import { repeatKeysOf, startOf } from '../../../model/privacy/erasure-keys.js';
import type { RecordQuery } from '../../../query/record-query.js';
import type { NewRecord, StoredRecord } from '../../../model/stored-record.js';
import type { Cursor, Erasure } from '../../record-store.js';
import { hashOf as tombstoneHash } from '../../tombstones.js';
import { ClickHouseError, type ClickHouseClient } from '../client/clickhouse-client.js';
import { Clock } from './clock.js';
import { maskRows } from './mask-rows.js';
import { readChanges } from '../queries/changes/read-changes.js';
import { findIds, findOtherDays, writeIds, type KnownId, type WrittenId } from './record-ids.js';
import { dayOf, FINAL_VERSION, timesOf, timeText, toRow } from '../queries/record-row.js';
import { whereClause } from '../queries/where-clause.js';

/** Result of one write. */
export interface Written {
  /** By id. Without those that were erased earlier. */
  readonly places: ReadonlyMap<string, WrittenId>;
  /** Ids of the superseded records that existed and are gone. */
  readonly removed: ReadonlySet<string>;
  /** Change cursor after them. */
  readonly cursor: Cursor;
}

/** One change of a write: a record to store, or the id of one to hide. */
export type Write =
  { readonly id: string; readonly record: NewRecord } | { readonly id: string; readonly record?: never };

/** A record, and where it is written. */
interface Placed {
  readonly record: NewRecord;
  readonly place: WrittenId;
}

type Row = Readonly<Record<string, unknown>>;

/** Errors about the rows, not about the server: cannot parse, out of range, wrong type. Repeating them in smaller groups finds the row. */
const ROW_ERRORS: ReadonlySet<number> = new Set([
  6, 25, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 407, 441, 469,
]);

/** Writes records of one project. An id that is known keeps its place, and moves if its time was corrected to another day. */
export class RecordWriter {
  readonly #client: ClickHouseClient;
  readonly #project: string;
  readonly clock = new Clock();
  #refused = 0;
  #setAside = 0;

  constructor(client: ClickHouseClient, project: string) {
    this.#client = client;
    this.#project = project;
  }

  /** Records that were left out since the start, because they had been erased. */
  get refused(): number {
    return this.#refused;
  }

  /** Records that ClickHouse would not take, since the start. */
  get setAside(): number {
    return this.#setAside;
  }

  /** @throws ClickHouseError. Then a part of the rows may be stored; repeating the write leaves each once. */
  async write(writes: readonly Write[]): Promise<Written> {
    // Keeps the last of several changes of one record.
    const latest = new Map(writes.map((write) => [write.id, write.record]));
    const records = [...latest.values()].filter((record) => record !== undefined);
    const [known, kept] = await Promise.all([
      findIds(this.#client, this.#project, [...latest.keys()]),
      this.#withoutErased(records),
    ]);
    const places = kept.map((record) => ({ record, place: this.#placeOf(record, known.get(record.id)) }));
    const gone = [...latest].flatMap(([id, record]) => (record ? [] : this.#gone(id, known.get(id))));
    // First the ids: if the records then fail, the ids say nothing untrue, and a repeat finds them.
    await writeIds(
      this.#client,
      this.#project,
      places.map(({ place }) => place),
    );
    // Together, so that none is stored without the other being hidden.
    const refused = await this.#insert([
      ...this.#rowsOf(places),
      ...this.#moved(places, known),
      ...gone.map((id) => this.#hidingRow(id)),
    ]);
    // Afterwards: if the rows fail, a repeat has to find that these records are still there.
    if (gone.length > 0) await writeIds(this.#client, this.#project, gone);
    await this.#hideOtherDays([...places.map(({ place }) => place), ...gone]);
    return {
      removed: new Set(gone.flatMap(({ id }) => (known.get(id)?.isGone === false ? [id] : []))),
      places: new Map(places.flatMap(({ place }) => (refused.has(place.id) ? [] : [[place.id, place]]))),
      cursor: (await readChanges(this.#client, this.#project, undefined, 0)).cursor,
    };
  }

  /** Hides the records that match. They may be written again. @returns their ids @throws ClickHouseError */
  remove(query: RecordQuery): Promise<readonly string[]> {
    return this.#hide(query, 0n);
  }

  /** Hides records for good, and remembers the keys by which repeats are recognised. @throws ClickHouseError */
  async erase({ ids, keys }: Erasure): Promise<readonly string[]> {
    const at = timeText(Date.now());
    await this.#client.insert(
      'erased',
      keys.map((key) => ({ project: this.#project, hash: tombstoneHash(key), at })),
    );
    const hidden = await this.#hide({ ids }, FINAL_VERSION);
    if (hidden.length === 0) return hidden;
    // At once; `purge.ts` frees the disk. The row that hides them stays.
    await maskRows(this.#client, this.#project, hidden);
    return hidden;
  }

  /** Writes rows that hide records, in chunks: a person, or everything, can be more than fits in memory at once. */
  async #hide(query: RecordQuery, flag: bigint): Promise<readonly string[]> {
    const { sql, parameters } = whereClause(this.#project, query, Date.now());
    const found = this.#client.stream<{ id: string; day: string; seq: string; version: string }>(
      `SELECT id, day, seq, version FROM records FINAL\nWHERE ${sql}\nORDER BY seq, id`,
      { parameters },
    );
    const ids: string[] = [];
    for await (const rows of found) {
      const hidden = rows.map(({ id, day, seq, version }) => ({
        id,
        day,
        seq: Number(seq),
        version: this.clock.nextVersion(BigInt(version)),
        isGone: true,
      }));
      await writeIds(this.#client, this.#project, hidden);
      await this.#insert(hidden.map((id) => this.#hidingRow(id, flag)));
      for (const { id } of hidden) ids.push(id);
    }
    return ids;
  }

  #rowsOf(places: readonly Placed[]): readonly Row[] {
    return places.map(({ record, place: { id, day, seq, version } }) =>
      toRow(record, { project: this.#project, id, day, seq, version: String(version) }),
    );
  }

  #placeOf(record: NewRecord, known: KnownId | undefined): WrittenId {
    return {
      id: record.id,
      day: dayOf(timesOf(record).at),
      seq: known && !known.isGone ? known.seq : this.clock.nextSeq(),
      version: this.clock.nextVersion(known?.version),
      isGone: false,
    };
  }

  /** Returns how the id of a superseded record is written, also if it is gone: its row may still be there after a failed removal. */
  #gone(id: string, known: KnownId | undefined): readonly WrittenId[] {
    return known ? [{ ...known, id, version: this.clock.nextVersion(known.version), isGone: true }] : [];
  }

  #hidingRow({ id, day, seq, version }: WrittenId, flag = 0n): Row {
    return { id, day, seq, project: this.#project, version: String(flag | version), deleted: 1 };
  }

  /** Rows that hide the earlier row of an id whose day has changed. */
  #moved(places: readonly Placed[], known: ReadonlyMap<string, KnownId>): readonly Row[] {
    return places.flatMap(({ place: { id, day, seq, version } }) => {
      const earlier = known.get(id);
      if (earlier === undefined || earlier.day === day) return [];
      return [{ project: this.#project, day: earlier.day, id, version: String(version), seq, deleted: 1 }];
    });
  }

  /** Hides the rows that another server wrote at the same time on another day: the key has the day, so that no version of them supersedes this one. */
  async #hideOtherDays(places: readonly WrittenId[]): Promise<void> {
    const seqs = new Map(places.map(({ id, seq }) => [id, seq]));
    const others = await findOtherDays(this.#client, this.#project, [...seqs.keys()]);
    await this.#insert(
      others.map(({ id, day, version }) => ({
        project: this.#project,
        day,
        id,
        version: String(version),
        seq: seqs.get(id) ?? 0,
        deleted: 1,
      })),
    );
  }

  async #withoutErased(records: readonly NewRecord[]): Promise<readonly NewRecord[]> {
    const keys = records.map((record) => repeatKeysOf(record));
    const all = keys.flatMap(({ always, ifEarlier }) => [...always, ...ifEarlier]);
    const erasedAt = await findErased(this.#client, this.#project, all);
    const kept = records.filter((record, i) => {
      const { always = [], ifEarlier = [] } = keys[i] ?? {};
      return (
        !always.some((key) => erasedAt.has(key)) &&
        !ifEarlier.some((key) => startOf(record) <= (erasedAt.get(key) ?? -Infinity))
      );
    });
    this.#refused += records.length - kept.length;
    return kept;
  }

  /** Inserts all rows, or, if ClickHouse refuses them because of what is in a row, all but that row. @returns the ids of rows that were left out */
  async #insert(rows: readonly Row[]): Promise<ReadonlySet<unknown>> {
    try {
      // Imports can span many months.
      await this.#client.insert('records', rows, { throw_on_max_partitions_per_insert_block: 0 });
      return new Set();
    } catch (error) {
      if (!(error instanceof ClickHouseError) || !ROW_ERRORS.has(error.code ?? 0)) throw error;
      if (rows.length === 1) {
        this.#setAside++;
        return new Set([rows[0]?.['id']]);
      }
      const middle = Math.ceil(rows.length / 2);
      const first = await this.#insert(rows.slice(0, middle));
      return new Set([...first, ...(await this.#insert(rows.slice(middle)))]);
    }
  }
}

/** Returns the changes of one put. A record that is put as well is not superseded. */
export function toWrites(records: readonly NewRecord[], superseded: readonly string[]): readonly Write[] {
  return [...superseded.map((id) => ({ id: wellFormed(id) })), ...records.map(toWrite)];
}

/** A lone surrogate cannot be written as UTF-8. */
function toWrite(record: NewRecord): Write {
  const id = wellFormed(record.id);
  return { id, record: id === record.id ? record : { ...record, id } };
}

/** Returns the times at which keys were erased, in milliseconds, by key. @throws ClickHouseError */
export async function findErased(
  client: ClickHouseClient,
  project: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const byHash = new Map(keys.map((key) => [tombstoneHash(key), key]));
  const rows = await client.query<{ hash: string; at: string }>(
    `SELECT hash, toUnixTimestamp64Milli(erased.at) AS at FROM erased FINAL
WHERE project = {project:String} AND hash IN {hashes:Array(String)}`,
    { parameters: { project, hashes: [...byHash.keys()] } },
  );
  return new Map(
    rows.flatMap(({ hash, at }) => {
      const key = byHash.get(hash);
      return key === undefined ? [] : [[key, Number(at)] as const];
    }),
  );
}

/** Places of records as they are returned to the sender. */
export function asStored(records: readonly NewRecord[], { places }: Written): readonly StoredRecord[] {
  return records.flatMap((record) => {
    const place = places.get(wellFormed(record.id));
    return place ? [{ ...record, seq: place.seq }] : [];
  });
}
