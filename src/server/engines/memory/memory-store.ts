import { isError, type NewRecord, type StoredRecord } from '../../model/stored-record.js';
import { RecordTable } from './record-table.js';
import type { RecordStore, StoreEntry, StoreUsage } from '../record-store.js';

export interface MemoryStoreOptions {
  /** The oldest make room beyond this many. Default 100,000. */
  readonly maxRecords?: number;
  /** The oldest make room beyond this much estimated memory. Default 512 MB. */
  readonly maxBytes?: number;
}

export const DEFAULT_MAX_RECORDS = 100_000;
export const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;

interface MemoryEntry extends StoreEntry {
  readonly bytes: number;
}

/**
 * Keeps records in memory, the oldest making room for the newest. 100,000 records of 1 kB take about 400 MB: the texts, and the
 * same texts in lower case, which is what keeps a search over all of them below 100 ms.
 */
export class MemoryStore implements RecordStore {
  readonly table = new RecordTable();
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  readonly #byId = new Map<string, MemoryEntry>();
  #nextSeq = 1;
  #revision = 0;
  #bytes = 0;
  #evicted = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.#maxRecords = Math.max(1, options.maxRecords ?? DEFAULT_MAX_RECORDS);
    this.#maxBytes = Math.max(1, options.maxBytes ?? DEFAULT_MAX_BYTES);
  }

  get revision(): number {
    return this.#revision;
  }

  put(records: readonly NewRecord[]): Promise<readonly StoreEntry[]> {
    return Promise.resolve(this.add(records));
  }

  /** What `put` does, without waiting: for stores that build on this one. */
  add(records: readonly NewRecord[]): readonly StoreEntry[] {
    const added = records.map((record) => this.#addOne(record));
    this.#evict();
    return added;
  }

  remove(ids: readonly string[]): Promise<readonly string[]> {
    return Promise.resolve(this.forget(ids));
  }

  /** What `remove` does, without waiting. */
  forget(ids: readonly string[]): readonly string[] {
    const known = ids.filter((id) => this.#drop(id));
    if (known.length > 0) this.#revision++;
    return known;
  }

  get(id: string): StoredRecord | undefined {
    return this.#byId.get(id)?.record;
  }

  *entries(): Iterable<StoreEntry> {
    // By number, not by row: while somebody walks slowly, rows are given up.
    for (let seq = this.table.firstSeq; this.table.rowOf(seq) < this.table.end; seq++) {
      const entry = this.table.entry(this.table.rowOf(seq));
      if (entry) yield entry;
    }
  }

  usage(): StoreUsage {
    return {
      records: this.#byId.size,
      maxRecords: this.#maxRecords,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
      evicted: this.#evicted,
    };
  }

  clear(): Promise<number> {
    const count = this.#byId.size;
    this.table.clear(this.#nextSeq);
    this.#byId.clear();
    this.#bytes = 0;
    this.#revision++;
    return Promise.resolve(count);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #addOne(record: NewRecord): MemoryEntry {
    const previous = this.#byId.get(record.id);
    const entry = toEntry({ ...record, seq: previous?.record.seq ?? this.#nextSeq++ }, ++this.#revision);
    this.#bytes += entry.bytes - (previous?.bytes ?? 0);
    this.#byId.set(record.id, entry);
    this.table.set(entry);
    return entry;
  }

  /** One record always stays, however large it is. */
  #evict(): void {
    while (this.#byId.size > 1 && (this.#byId.size > this.#maxRecords || this.#bytes > this.#maxBytes)) {
      const oldest = this.table.entry(this.table.first);
      if (!oldest || !this.#drop(oldest.record.id)) return;
      this.#evicted++;
    }
  }

  #drop(id: string): boolean {
    const entry = this.#byId.get(id);
    if (!entry) return false;
    this.#byId.delete(id);
    this.#bytes -= entry.bytes;
    this.table.remove(this.table.rowOf(entry.record.seq));
    return true;
  }
}

function toEntry(record: StoredRecord, revision: number): MemoryEntry {
  const searchText = searchTextOf(record);
  return {
    record,
    revision,
    at: Date.parse(record.timestamp),
    searchText,
    isError: isError(record),
    // Text, lower-case text, properties, and what V8 takes for the objects around them.
    bytes: 2 * searchText.length + JSON.stringify(record.properties).length + 600,
  };
}

function searchTextOf(record: StoredRecord): string {
  const texts =
    record.kind === 'prompt'
      ? [record.prompt, record.generation, record.assistantId ?? '']
      : [record.event, textProperty(record, 'prompt'), textProperty(record, 'error_type')];
  return [...texts, record.userId, record.threadId ?? '', record.id, ...record.tags].join('\n').toLowerCase();
}

function textProperty(record: StoredRecord, name: string): string {
  const value = record.properties[name];
  return typeof value === 'string' ? value : '';
}
