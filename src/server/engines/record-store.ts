import type { NewRecord, StoredRecord } from '../model/stored-record.js';
import type { RecordTable } from './memory/record-table.js';

/** A record with what lists and searches need of it at hand. */
export interface StoreEntry {
  readonly record: StoredRecord;
  /** Counts up with every change, also when a repeated delivery replaces a record: what a live client has seen. */
  readonly revision: number;
  /** `record.timestamp` in milliseconds. */
  readonly at: number;
  /** Everything that free text is looked for in, lower case. */
  readonly searchText: string;
  /** Whether it tells of a failed call. */
  readonly isError: boolean;
}

export interface StoreUsage {
  readonly records: number;
  readonly maxRecords: number;
  /** Estimated memory of the records. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Records that had to make room for newer ones since the start. */
  readonly evicted: number;
  /** Name of the file that keeps the records, when there is one. */
  readonly file?: string;
  /** Its size. */
  readonly fileBytes?: number;
}

/**
 * Where the server keeps its records. Reading is synchronous, because everything that is shown is in memory; writing is not,
 * because a store may have to reach a disk before the sender is told that all is well.
 */
export interface RecordStore {
  /** Of the latest change; 0 before the first. */
  readonly revision: number;
  /** Resolves when the records are as safe as this store makes them. */
  put(records: readonly NewRecord[]): Promise<readonly StoreEntry[]>;
  /** Forgets these records, for good, and says which of them it had. */
  remove(ids: readonly string[]): Promise<readonly string[]>;
  get(id: string): StoredRecord | undefined;
  /** In order of arrival. */
  entries(): Iterable<StoreEntry>;
  /** The same in rows and columns, for whoever counts. */
  readonly table: RecordTable;
  usage(): StoreUsage;
  /** Forgets everything, for good, and says how many records that were. */
  clear(): Promise<number>;
  close(): Promise<void>;
}
