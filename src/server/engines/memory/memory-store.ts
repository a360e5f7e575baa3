import type { ThreadList, ThreadOrder, UserList } from '../../model/lists.js';
import { recordKey } from '../../model/privacy/erasure-keys.js';
import type { RequestSample } from '../../model/request-sample.js';
import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import type { Activity } from '../../model/people/activity.js';
import type { Retention } from '../../model/people/retention.js';
import type { Statistics } from '../../model/statistics.js';
import type { NewRecord, StoredRecord } from '../../model/stored-record.js';
import type { MeasureRequest } from '../../query/measure-request.js';
import type { ActivityRequest, RetentionRequest } from '../../query/people-request.js';
import { clockOf } from '../../query/parse-time-zone.js';
import { isEmptyQuery, type RecordQuery } from '../../query/record-query.js';
import type {
  ChangePage,
  Changes,
  Cursor,
  Erasure,
  PageRequest,
  PutResult,
  RecordLines,
  RecordPage,
  RecordStore,
  RemoveResult,
  StoreUsage,
} from '../record-store.js';
import { hashOf, Tombstones } from '../tombstones.js';
import { RecordChanges } from './changes/record-changes.js';
import { FoldSchedule } from './fold-schedule.js';
import { exportLines, exportRecords, matchingRecords } from './lists/export-rows.js';
import { listRecords } from './lists/list-records.js';
import { listThreads } from './lists/list-threads.js';
import { listUsers } from './lists/list-users.js';
import { measure } from './measure/measure.js';
import { RecentSelections } from './measure/recent-selections.js';
import { HISTORY_CUT } from '../history.js';
import { activity, type PeopleContext } from './people/activity.js';
import { retention } from './people/retention.js';
import { MemoryDocuments } from './memory-documents.js';
import { RecentTraces } from './recent-traces.js';
import { RecordTable } from './table/record-table.js';
import { sampleRequests } from './sample-requests.js';
import { selectRows } from './select-rows.js';
import { StatisticsCache } from './statistics/statistics-cache.js';

export interface MemoryStoreOptions {
  /** Above this, the oldest records are evicted. Default 100,000. */
  readonly maxRecords?: number | undefined;
  /** Above this much estimated memory, the oldest records are evicted. Default 512 MB. */
  readonly maxBytes?: number | undefined;
}

export const DEFAULT_MAX_RECORDS = 100_000;
export const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;

const NO_IDS: readonly string[] = [];

/**
 * Keeps records in memory and evicts the oldest. 100,000 records of 600 characters take about 150 MB, of which two thirds are their
 * contents, outside of the JavaScript heap.
 *
 * Its methods do their work before they return, so that a caller who does not wait sees the change at once.
 */
export class MemoryStore implements RecordStore {
  readonly #table = new RecordTable();
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  readonly #statistics = new StatisticsCache(this.#table);
  readonly #selections = new RecentSelections(this.#table);
  readonly #changes = new RecordChanges(this.#table);
  readonly #recentTraces = new RecentTraces(this.#table);
  readonly #folds = new FoldSchedule(this.#table);
  readonly #watchers = new Set<() => void>();
  /** Keys of erased records. Engines that build on this one write them down. */
  readonly tombstones: Tombstones;
  readonly documents = new MemoryDocuments();
  #nextSeq = 1;
  #bytes = 0;
  #evicted = 0;
  #evictedSince: string | undefined;
  #refused = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.#maxRecords = Math.max(1, options.maxRecords ?? DEFAULT_MAX_RECORDS);
    this.#maxBytes = Math.max(1, options.maxBytes ?? DEFAULT_MAX_BYTES);
    this.tombstones = new Tombstones(this.#maxRecords);
  }

  put(records: readonly NewRecord[], superseded?: readonly string[]): Promise<PutResult> {
    return Promise.resolve(this.add(this.withoutErased(records), superseded));
  }

  /** Does what `put` does, synchronously, also with records that were erased earlier: for engines that build on this one. */
  add(records: readonly NewRecord[], superseded: readonly string[] = NO_IDS): PutResult {
    // Not by spread: on Node 20, that object takes twice the time to make, and to read (`npm run bench engines`).
    const added = records.map((record) =>
      this.#store(Object.assign({}, record, { seq: this.#seqOf(record.id) })),
    );
    const removed = superseded.length === 0 ? NO_IDS : this.#drop(idsBeside(records, superseded));
    this.#evict();
    this.#folds.foldLater();
    if (added.length > 0 || removed.length > 0) this.#notify();
    return { records: added, removed, cursor: this.#changes.cursor };
  }

  /** Stores a record that nobody else has: it is not copied. For engines that build on this one, while they load. */
  restore(record: NewRecord): void {
    this.#store(Object.assign(record, { seq: this.#seqOf(record.id) }));
    this.#evict();
    this.#folds.foldLater();
  }

  /** Returns the records without those that were erased earlier, and counts these. */
  withoutErased(records: readonly NewRecord[]): readonly NewRecord[] {
    if (this.tombstones.size === 0) return records;
    const kept = records.filter((record) => !this.tombstones.covers(record));
    this.#refused += records.length - kept.length;
    return kept;
  }

  get(ids: readonly string[]): Promise<ReadonlyMap<string, StoredRecord>> {
    const found = new Map<string, StoredRecord>();
    for (const id of ids) {
      const record = this.#table.recordOfId(id);
      if (record) found.set(id, record);
    }
    return Promise.resolve(found);
  }

  recentInTraces(traceIds: readonly string[]): Promise<readonly string[]> {
    return Promise.resolve(this.#recentTraces.idsIn(traceIds));
  }

  async list(query: RecordQuery, page: PageRequest): Promise<RecordPage> {
    return listRecords(this.#table, query, page, Date.now());
  }

  users(query: RecordQuery, limit: number): Promise<UserList> {
    return Promise.resolve(listUsers(this.#table, this.#select(query), limit));
  }

  threads(query: RecordQuery, limit: number, order: ThreadOrder = 'latest'): Promise<ThreadList> {
    return Promise.resolve(listThreads(this.#table, this.#select(query), limit, order));
  }

  async statistics(query: RecordQuery, buckets: number, timeZone = 'UTC'): Promise<Statistics> {
    return this.#statistics.read(query, buckets, clockOf(timeZone));
  }

  async measure(query: RecordQuery, request: MeasureRequest): Promise<MeasureAnswer> {
    const now = Date.now();
    const clock = clockOf(request.timeZone ?? 'UTC');
    return measure({ table: this.#table, query, now, clock }, this.#selections.read(query, now), request);
  }

  async activity(query: RecordQuery, request: ActivityRequest): Promise<Activity> {
    return activity(await this.#peopleContext(query, request.timeZone), request);
  }

  async retention(query: RecordQuery, request: RetentionRequest): Promise<Retention> {
    return retention(await this.#peopleContext(query, request.timeZone), request);
  }

  async #peopleContext(query: RecordQuery, timeZone = 'UTC'): Promise<PeopleContext> {
    const clock = clockOf(timeZone);
    const isUncertain = (await this.documents.get(HISTORY_CUT.kind, HISTORY_CUT.name)) !== undefined;
    return { table: this.#table, query, clock, now: Date.now(), isUncertain };
  }

  async sample(query: RecordQuery, limit: number): Promise<RequestSample> {
    return sampleRequests(this.#table, this.#select(query), limit);
  }

  async *export(query: RecordQuery): AsyncIterable<readonly StoredRecord[]> {
    yield* exportRecords(this.#table, query);
  }

  async *exportLines(query: RecordQuery): AsyncIterable<RecordLines> {
    yield* exportLines(this.#table, query);
  }

  async changes(since: Cursor | undefined, limit: number): Promise<Changes> {
    return this.#changes.since(since, limit);
  }

  async changePage(since: Cursor | undefined, limit: number): Promise<ChangePage> {
    return this.#changes.page(since, limit);
  }

  watch(listener: () => void): () => void {
    // An object of its own for each call, so that one listener can watch twice.
    const watcher = (): void => listener();
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  remove(query: RecordQuery): Promise<RemoveResult> {
    return Promise.resolve(isEmptyQuery(query) ? this.clear() : this.forget(this.idsOf(query)));
  }

  /** Returns the ids of the records that match. */
  idsOf(query: RecordQuery): readonly string[] {
    const { ids, ...others } = query;
    if (ids && isEmptyQuery(others)) return ids.filter((id) => this.#table.seqOfId(id) !== undefined);
    return Array.from(this.#select(query)).flatMap((row) => this.#table.idOf(row) ?? []);
  }

  /** Does what `remove` does, synchronously, for engines that build on this one. Unknown ids are ignored. */
  forget(ids: readonly string[]): RemoveResult {
    const known = this.#drop(ids);
    if (known.length > 0) this.#notify();
    return { ids: known, cursor: this.#changes.cursor };
  }

  erase({ ids, keys }: Erasure): Promise<RemoveResult> {
    this.tombstones.add({ hashes: keys.map(hashOf), at: Date.now() });
    return Promise.resolve(this.forget(ids));
  }

  erased(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(ids.filter((id) => this.tombstones.has(recordKey(id)))));
  }

  /** Deletes everything, synchronously. Counts as a change even if there was nothing. */
  clear(): RemoveResult {
    const ids = [...this.#table.ids()];
    this.#table.restart(this.#nextSeq);
    this.#bytes = 0;
    this.#changes.restart();
    this.#notify();
    return { ids, cursor: this.#changes.cursor };
  }

  usage(): Promise<StoreUsage> {
    return Promise.resolve({
      records: this.#table.count,
      maxRecords: this.#maxRecords,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
      evicted: this.#evicted,
      ...(this.#evictedSince !== undefined && { evictedSince: this.#evictedSince }),
      refused: this.#refused,
    });
  }

  close(): Promise<void> {
    this.#folds.stop();
    return Promise.resolve();
  }

  /** Number of records. */
  get size(): number {
    return this.#table.count;
  }

  /** Yields all records in order of arrival. */
  records(): Iterable<StoredRecord> {
    return matchingRecords(this.#table, {});
  }

  snapshot(): readonly StoredRecord[] {
    return [...this.records()];
  }

  #notify(): void {
    for (const notify of this.#watchers) notify();
  }

  #select(query: RecordQuery): Uint32Array {
    return selectRows(this.#table, query, Date.now());
  }

  /** Returns the number of the record with this id: its own, or the next. */
  #seqOf(id: string): number {
    return this.#table.seqOfId(id) ?? this.#nextSeq++;
  }

  #store(record: StoredRecord): StoredRecord {
    const row = this.#table.rowOf(record.seq);
    if (this.#table.has(row)) this.#bytes -= this.#table.bytes[row] ?? 0;
    this.#table.set(record);
    this.#bytes += this.#table.bytes[row] ?? 0;
    this.#changes.addPut(record.id);
    return record;
  }

  /** The latest record always stays, however large it is. */
  #evict(): void {
    while (this.#table.count > 1 && (this.#table.count > this.#maxRecords || this.#bytes > this.#maxBytes)) {
      const oldest = this.#table.idOf(this.#table.first);
      if (oldest === undefined || !this.#dropOne(oldest)) return;
      this.#evicted++;
      if (this.#evictedSince !== undefined) continue;
      this.#evictedSince = new Date().toISOString();
      void this.documents.put({ ...HISTORY_CUT, value: { since: this.#evictedSince } });
    }
  }

  /** Returns the ids of the records that existed. */
  #drop(ids: readonly string[]): readonly string[] {
    const known = ids.filter((id) => this.#dropOne(id));
    if (known.length > 0) this.#changes.addRemovals(known);
    return known;
  }

  #dropOne(id: string): boolean {
    const row = this.#table.rowOfId(id);
    if (row === undefined) return false;
    this.#bytes -= this.#table.bytes[row] ?? 0;
    this.#table.remove(row);
    return true;
  }
}

/** Returns the ids of superseded records that are not put themselves. */
export function idsBeside(records: readonly NewRecord[], superseded: readonly string[]): readonly string[] {
  const put = new Set(records.map(({ id }) => id));
  return superseded.filter((id) => !put.has(id));
}
