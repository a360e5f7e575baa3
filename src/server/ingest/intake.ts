import type { Forwarding } from './forwarding.js';
import type { LiveUpdates } from '../live/live-updates.js';
import type { RecordStore } from '../engines/record-store.js';
import type { NewRecord, StoredRecord } from '../model/stored-record.js';

export interface IntakeParts {
  readonly store: RecordStore;
  readonly live: LiveUpdates;
  readonly forwarding?: Forwarding | undefined;
  readonly onRecords?: ((records: readonly StoredRecord[]) => void) | undefined;
}

/** Where everything that is received goes on: into the store, to the open pages, and to another host when that is wanted. */
export class Intake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Takes what the ingestion API was sent: the final word on these records. Resolves when it is stored. */
  async take(records: readonly NewRecord[]): Promise<void> {
    const changed = new Set(records.filter((record) => !this.#isStored(record)).map(({ id }) => id));
    const stored = await this.#store(records);
    this.#parts.forwarding?.send(stored.filter(({ id }) => changed.has(id)));
  }

  /**
   * Takes what was read from spans: it may be read anew when more spans have come. A record that came by the ingestion API as well
   * stays, because the application knows more of it than its spans tell.
   */
  async takeTraced(records: readonly NewRecord[], superseded: readonly string[]): Promise<void> {
    const { store, live, forwarding } = this.#parts;
    const isOurs = (id: string): boolean => {
      const known = store.get(id);
      return !known || known.origin === 'otlp';
    };
    const stored = await this.#store(
      records.filter((record) => isOurs(record.id) && !this.#isStored(record)),
    );
    forwarding?.sendLater(stored);
    const removed = await store.remove(superseded.filter(isOurs));
    if (removed.length === 0) return;
    forwarding?.forget(removed);
    live.publishRemoval(removed);
  }

  /** Forgets one record, for good. */
  async remove(id: string): Promise<boolean> {
    const removed = await this.#parts.store.remove([id]);
    this.#parts.forwarding?.forget(removed);
    if (removed.length > 0) this.#parts.live.publishRemoval(removed);
    return removed.length > 0;
  }

  async #store(records: readonly NewRecord[]): Promise<StoredRecord[]> {
    if (records.length === 0) return [];
    const { store, live, onRecords } = this.#parts;
    const entries = await store.put(records);
    live.publish(entries);
    const stored = entries.map((entry) => entry.record);
    onRecords?.(stored);
    return stored;
  }

  /** Whether this very record is in the store, as after a repeated delivery. */
  #isStored(record: NewRecord): boolean {
    const known = this.#parts.store.get(record.id);
    if (!known) return false;
    return JSON.stringify(comparable(known)) === JSON.stringify(comparable(record));
  }
}

/** Without what this server has added, in one order of the fields. */
function comparable(record: NewRecord | StoredRecord): unknown {
  const { receivedAt: _receivedAt, properties, ...rest } = { seq: 0, ...record };
  return [properties, Object.entries({ ...rest, seq: 0 }).sort(([a], [b]) => (a < b ? -1 : 1))];
}
