import { isError, type NewRecord, type StoredRecord } from '../stored-record.js';
import type { RecordStore, StoreEntry, StoreUsage } from './record-store.js';

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

/** Holes at the front of the list are closed once there are this many. */
const COMPACT_AT = 4096;

/**
 * Keeps records in memory, the oldest making room for the newest. 100,000 records of 1 kB take about 400 MB: the texts, and the
 * same texts in lower case, which is what keeps a search over all of them below 100 ms.
 */
export class MemoryStore implements RecordStore {
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  /** In order of arrival; everything below `#first` has been evicted. */
  #list: (MemoryEntry | undefined)[] = [];
  #first = 0;
  readonly #position = new Map<string, number>();
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

  get(id: string): StoredRecord | undefined {
    const position = this.#position.get(id);
    return position === undefined ? undefined : this.#list[position]?.record;
  }

  *entries(): Iterable<StoreEntry> {
    for (let i = this.#first; i < this.#list.length; i++) {
      const entry = this.#list[i];
      if (entry) yield entry;
    }
  }

  *newestFirst(beforeSeq = Infinity): Iterable<StoreEntry> {
    for (let i = this.#positionBefore(beforeSeq); i >= this.#first; i--) {
      const entry = this.#list[i];
      if (entry) yield entry;
    }
  }

  usage(): StoreUsage {
    return {
      records: this.#position.size,
      maxRecords: this.#maxRecords,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
      evicted: this.#evicted,
    };
  }

  clear(): Promise<number> {
    const count = this.#position.size;
    this.#list = [];
    this.#first = 0;
    this.#position.clear();
    this.#bytes = 0;
    this.#revision++;
    return Promise.resolve(count);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #addOne(record: NewRecord): MemoryEntry {
    const position = this.#position.get(record.id);
    const previous = position === undefined ? undefined : this.#list[position];
    const seq = previous?.record.seq ?? this.#nextSeq++;
    const entry = toEntry({ ...record, seq }, ++this.#revision);
    this.#bytes += entry.bytes - (previous?.bytes ?? 0);
    if (position !== undefined) this.#list[position] = entry;
    else this.#position.set(record.id, this.#list.push(entry) - 1);
    return entry;
  }

  /** One record always stays, however large it is. */
  #evict(): void {
    while (
      this.#position.size > 1 &&
      (this.#position.size > this.#maxRecords || this.#bytes > this.#maxBytes)
    ) {
      const oldest = this.#list[this.#first];
      this.#list[this.#first++] = undefined;
      if (!oldest) continue;
      this.#position.delete(oldest.record.id);
      this.#bytes -= oldest.bytes;
      this.#evicted++;
    }
    if (this.#first >= COMPACT_AT && this.#first > this.#list.length / 2) this.#compact();
  }

  #compact(): void {
    this.#list = this.#list.slice(this.#first);
    this.#first = 0;
    for (const [position, entry] of this.#list.entries())
      if (entry) this.#position.set(entry.record.id, position);
  }

  /** `seq` rises along the list: the last position with a lower one than `beforeSeq`. */
  #positionBefore(beforeSeq: number): number {
    let low = this.#first;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#list[middle]?.record.seq ?? 0) < beforeSeq) low = middle + 1;
      else high = middle;
    }
    return low - 1;
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
    inputTokens: numberProperty(record, 'input_tokens'),
    outputTokens: numberProperty(record, 'output_tokens'),
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

function numberProperty(record: StoredRecord, name: string): number {
  const value = record.properties[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function textProperty(record: StoredRecord, name: string): string {
  const value = record.properties[name];
  return typeof value === 'string' ? value : '';
}
