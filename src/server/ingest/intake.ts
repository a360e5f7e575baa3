import type { Forwarding } from './forwarding.js';
import type { RecordStore } from '../engines/record-store.js';
import { recordKey } from '../model/erasure-keys.js';
import type { NewRecord, StoredRecord } from '../model/stored-record.js';

export interface IntakeParts {
  readonly store: RecordStore;
  readonly forwarding?: Forwarding | undefined;
  readonly onRecords?: ((records: readonly StoredRecord[]) => void) | undefined;
}

/** Passes received records on: to the store, whose changes open pages follow, then to `onRecords`, and to the host they are forwarded to, if any. */
export class Intake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Stores records of the ingestion API. They are forwarded at once, because they will not change. */
  async take(records: readonly NewRecord[]): Promise<void> {
    const { store, forwarding } = this.#parts;
    const known = await store.get(records.map(({ id }) => id));
    const changed = new Set(records.filter((record) => !isRepeated(record, known)).map(({ id }) => id));
    const marked = records.map((record) => this.#marked(record, known, changed.has(record.id)));
    const stored = await this.#store(marked);
    forwarding?.send(stored.filter(({ id }) => changed.has(id)));
  }

  /**
   * Stores records that were read from spans, and removes those that were made too early. Later spans may change them, so they are
   * forwarded later. A record that came by the ingestion API as well is kept as it is: it holds more than its spans.
   */
  async takeTraced(records: readonly NewRecord[], superseded: readonly string[]): Promise<void> {
    const { store, forwarding } = this.#parts;
    const known = await store.get(records.map(({ id }) => id));
    const kept = await this.#withoutRevived(records, superseded, known);
    const changed = kept.filter(
      (record) => !isFromIngestion(known.get(record.id)) && !isRepeated(record, known),
    );
    const stored = await this.#store(changed.map((record) => this.#marked(record, known, true)));
    forwarding?.sendLater(stored, known);
    // Read after the write, so that records of a concurrent request are found.
    const early = await store.get(superseded);
    const obsolete = superseded.filter((id) => early.has(id) && !isFromIngestion(early.get(id)));
    if (obsolete.length === 0) return;
    const removed = await store.remove({ ids: obsolete });
    forwarding?.forget(removed.ids);
  }

  /**
   * Leaves out records that hold the content of an erased one under another id: the call of an outer span takes the place of the call of
   * an inner one. Which call took which place is not known, so all new calls of the trace are left out.
   */
  async #withoutRevived(
    records: readonly NewRecord[],
    superseded: readonly string[],
    known: ReadonlyMap<string, StoredRecord>,
  ): Promise<readonly NewRecord[]> {
    if (superseded.length === 0) return records;
    const { store } = this.#parts;
    const traces = new Set([...(await store.erased(superseded))].map(traceIdOf));
    const revived = records.filter(({ id }) => !known.has(id) && traces.has(traceIdOf(id)));
    if (revived.length === 0) return records;
    await store.erase({ ids: [], keys: revived.map(({ id }) => recordKey(id)) });
    return records.filter((record) => !revived.includes(record));
  }

  /** Returns a record that says where it is forwarded to, and was before. */
  #marked(record: NewRecord, known: ReadonlyMap<string, StoredRecord>, isForwarded: boolean): NewRecord {
    const { forwarding } = this.#parts;
    const hosts = new Set(known.get(record.id)?.forwardedTo);
    if (forwarding && isForwarded) hosts.add(forwarding.host);
    return hosts.size === 0 ? record : { ...record, forwardedTo: [...hosts] };
  }

  async #store(records: readonly NewRecord[]): Promise<readonly StoredRecord[]> {
    if (records.length === 0) return [];
    const { store, onRecords } = this.#parts;
    const { records: stored } = await store.put(records);
    onRecords?.(stored);
    return stored;
  }
}

/** Records of spans are named `traceId-spanId`. */
function traceIdOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('-')));
}

function isFromIngestion(record: StoredRecord | undefined): boolean {
  return record !== undefined && record.origin !== 'otlp';
}

/** Returns true if the same record is stored already, which happens after a repeated delivery. */
function isRepeated(record: NewRecord, known: ReadonlyMap<string, StoredRecord>): boolean {
  const earlier = known.get(record.id);
  return earlier !== undefined && JSON.stringify(comparable(earlier)) === JSON.stringify(comparable(record));
}

/** Returns a record without the fields that this server adds, in a fixed order of fields. */
function comparable(record: NewRecord | StoredRecord): unknown {
  const { receivedAt: _receivedAt, forwardedTo: _forwardedTo, properties, ...rest } = { seq: 0, ...record };
  return [properties, Object.entries({ ...rest, seq: 0 }).sort(([a], [b]) => (a < b ? -1 : 1))];
}
