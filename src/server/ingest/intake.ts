import type { Forwarding } from './forwarding.js';
import type { RecordStore } from '../engines/record-store.js';
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
    const stored = await this.#store(records);
    forwarding?.send(stored.filter(({ id }) => changed.has(id)));
  }

  /**
   * Stores records that were read from spans, and removes those that were made too early. Later spans may change them, so they are
   * forwarded later. A record that came by the ingestion API as well is kept as it is: it holds more than its spans.
   */
  async takeTraced(records: readonly NewRecord[], superseded: readonly string[]): Promise<void> {
    const { store, forwarding } = this.#parts;
    const known = await store.get(records.map(({ id }) => id));
    const stored = await this.#store(
      records.filter((record) => !isFromIngestion(known.get(record.id)) && !isRepeated(record, known)),
    );
    forwarding?.sendLater(stored);
    // Read after the write, so that records of a concurrent request are found.
    const early = await store.get(superseded);
    const obsolete = superseded.filter((id) => early.has(id) && !isFromIngestion(early.get(id)));
    if (obsolete.length === 0) return;
    const removed = await store.remove({ ids: obsolete });
    forwarding?.forget(removed.ids);
  }

  /** Deletes one record for good. Returns false if there is none with this id. */
  async remove(id: string): Promise<boolean> {
    const { ids } = await this.#parts.store.remove({ ids: [id] });
    if (ids.length === 0) return false;
    this.#parts.forwarding?.forget(ids);
    return true;
  }

  async #store(records: readonly NewRecord[]): Promise<readonly StoredRecord[]> {
    if (records.length === 0) return [];
    const { store, onRecords } = this.#parts;
    const { records: stored } = await store.put(records);
    onRecords?.(stored);
    return stored;
  }
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
  const { receivedAt: _receivedAt, properties, ...rest } = { seq: 0, ...record };
  return [properties, Object.entries({ ...rest, seq: 0 }).sort(([a], [b]) => (a < b ? -1 : 1))];
}
