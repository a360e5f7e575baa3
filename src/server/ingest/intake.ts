import { safely } from '../../common/safely.js';
import { ANONYMOUS } from '../../records/model/prompt-record.js';
import type { Forwarding } from './forwarding.js';
import type { RecordStore } from '../engines/record-store.js';
import { recordKey } from '../model/privacy/erasure-keys.js';
import type { NewRecord, StoredRecord } from '../model/stored-record.js';
import type { StoreHealth } from './store-health.js';
import { StoreOrder } from './store-order.js';

export interface IntakeParts {
  readonly store: RecordStore;
  readonly health: StoreHealth;
  readonly forwarding?: Forwarding | undefined;
  readonly onRecords?: ((records: readonly StoredRecord[]) => void) | undefined;
}

/** A record that was read from spans. */
export interface TracedRecord {
  readonly record: NewRecord;
  /** Ids of records that this one is part of. It is not stored if one of them is. */
  readonly partOf: readonly string[];
  /** False if the trace is not known up to its root: the stored record may know more. */
  readonly isComplete: boolean;
}

/** What became of records that were taken. */
export interface Taken {
  /** Records that are stored now: all but those that were erased earlier. */
  readonly stored: number;
  /** Ids that were stored already. */
  readonly known: number;
}

/** What the store has under the ids of a write. */
type Known = ReadonlyMap<string, StoredRecord>;

/**
 * Passes received records on: to the store, whose changes open pages follow, then to `onRecords`, and to the host they are forwarded to, if any.
 *
 * Answers of a store take time, and other servers may write to it. So it is asked what it has for every write, and writes to one id run
 * one after the other.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #order = new StoreOrder();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Stores records of the ingestion API. They are forwarded at once, because they will not change. */
  take(records: readonly NewRecord[]): Promise<Taken> {
    const ids = records.map(({ id }) => id);
    return this.#write(ids, async () => {
      const { store, forwarding } = this.#parts;
      const known = await store.get(ids);
      const forwarded = forwarding ? records.filter((record) => !isRepeated(record, known)) : [];
      const changed = new Set(forwarded.map(({ id }) => id));
      const marked = records.map((record) => this.#marked(record, known, changed.has(record.id)));
      const stored = await this.#put(marked);
      forwarding?.send(stored.filter(({ id }) => changed.has(id)));
      return { stored: stored.length, known: known.size };
    });
  }

  /**
   * Stores records that were read from spans, and removes those that were made too early. Later spans may change them, so they are
   * forwarded later. A record that came by the ingestion API as well is kept as it is: it holds more than its spans.
   */
  takeTraced(traced: readonly TracedRecord[], superseded: readonly string[]): Promise<void> {
    const ids = traced.map(({ record }) => record.id);
    if (ids.length === 0 && superseded.length === 0) return Promise.resolve();
    return this.#write([...ids, ...superseded], async () => {
      const { store, forwarding } = this.#parts;
      const wholes = traced.flatMap(({ partOf }) => partOf);
      const known = await store.get([...ids, ...wholes, ...superseded]);
      const erased = await store.erased([...wholes, ...superseded]);
      const wanted = traced
        .filter(({ partOf }) => !partOf.some((id) => known.has(id) && !superseded.includes(id)))
        .filter(({ partOf }) => !partOf.some((id) => erased.has(id)))
        .map((one) => (one.isComplete ? one.record : completed(one.record, known.get(one.record.id))))
        .filter((record) => !isFromIngestion(known.get(record.id)) && !isRepeated(record, known));
      const records = await this.#withoutRevived(
        wanted,
        superseded.filter((id) => erased.has(id)),
        known,
      );
      const stored = await this.#put(records.map((record) => this.#marked(record, known, true)));
      forwarding?.sendLater(stored, known);
      await this.#removeEarly(superseded.filter((id) => known.has(id) && !isFromIngestion(known.get(id))));
    });
  }

  /**
   * Leaves out records that hold the content of an erased one under another id: the call of an outer span takes the place of the call of
   * an inner one. Which call took which place is not known, so all new calls of the trace are left out.
   */
  async #withoutRevived(
    records: readonly NewRecord[],
    erased: readonly string[],
    known: Known,
  ): Promise<readonly NewRecord[]> {
    const traces = new Set(erased.map(traceIdOf));
    const revived = records.filter(({ id }) => !known.has(id) && traces.has(traceIdOf(id)));
    if (revived.length === 0) return records;
    await this.#parts.store.erase({ ids: [], keys: revived.map(({ id }) => recordKey(id)) });
    return records.filter((record) => !revived.includes(record));
  }

  /** Returns a record that says where it is forwarded to, and was before. */
  #marked(record: NewRecord, known: Known, isForwarded: boolean): NewRecord {
    const { forwarding } = this.#parts;
    const before = known.get(record.id)?.forwardedTo;
    if (!forwarding && !before) return record;
    const hosts = new Set([...(before ?? []), ...(record.forwardedTo ?? [])]);
    if (forwarding && isForwarded) hosts.add(forwarding.host);
    return hosts.size === 0 ? record : { ...record, forwardedTo: [...hosts] };
  }

  #write<T>(ids: readonly string[], write: () => Promise<T>): Promise<T> {
    return this.#order.run(ids, () => this.#parts.health.watch(write));
  }

  async #removeEarly(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { store, forwarding } = this.#parts;
    const removed = await store.remove({ ids });
    forwarding?.forget(removed.ids);
  }

  async #put(records: readonly NewRecord[]): Promise<readonly StoredRecord[]> {
    if (records.length === 0) return [];
    const { store, onRecords } = this.#parts;
    const { records: stored } = await store.put(records);
    safely(onRecords, stored);
    return stored;
  }
}

/** Returns a record with the user and the thread of the stored one, if it has none itself. */
function completed(record: NewRecord, earlier: StoredRecord | undefined): NewRecord {
  if (earlier === undefined) return record;
  return {
    ...record,
    ...(record.userId === ANONYMOUS && { userId: earlier.userId }),
    ...(record.threadId === undefined && earlier.threadId !== undefined && { threadId: earlier.threadId }),
  };
}

/** Records of spans are named `traceId-spanId`. */
function traceIdOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('-')));
}

function isFromIngestion(record: StoredRecord | undefined): boolean {
  return record !== undefined && record.origin !== 'otlp';
}

/** Returns true if the same record is stored already, which happens after a repeated delivery. */
function isRepeated(record: NewRecord, known: Known): boolean {
  const earlier = known.get(record.id);
  return earlier !== undefined && JSON.stringify(comparable(earlier)) === JSON.stringify(comparable(record));
}

/** Returns a record without the fields that this server adds, in a fixed order of fields. */
function comparable(record: NewRecord | StoredRecord): unknown {
  const { receivedAt: _receivedAt, forwardedTo: _forwardedTo, properties, ...rest } = { seq: 0, ...record };
  return [properties, Object.entries({ ...rest, seq: 0 }).sort(([a], [b]) => (a < b ? -1 : 1))];
}
