import { randomUUID } from 'node:crypto';
import type { ThreadList, ThreadOrder, UserList } from '../../model/lists.js';
import { startBackgroundTimer, type Timer } from '../../../common/background-timer.js';
import { traceIdOf } from '../../../common/record-id.js';
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
import { BadQueryError } from '../../query/parse-query.js';
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
import { ChangeLog } from './change-log.js';
import { JsonBuffer } from './contents/json-buffer.js';
import { listRecords, parseCursor } from './list-records.js';
import { listThreads } from './list-threads.js';
import { listUsers } from './list-users.js';
import { measure } from './measure/measure.js';
import { RecentSelections } from './measure/recent-selections.js';
import { HISTORY_CUT } from '../history.js';
import { activity, type PeopleContext } from './people/activity.js';
import { retention } from './people/retention.js';
import { MemoryDocuments } from './memory-documents.js';
import { RecordTable } from './table/record-table.js';
import { sampleRequests } from './sample-requests.js';
import { selectRows } from './select-rows.js';
import { StatisticsCache } from './statistics-cache.js';

export interface MemoryStoreOptions {
  /** Above this, the oldest records are evicted. Default 100,000. */
  readonly maxRecords?: number | undefined;
  /** Above this much estimated memory, the oldest records are evicted. Default 512 MB. */
  readonly maxBytes?: number | undefined;
}

export const DEFAULT_MAX_RECORDS = 100_000;
export const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;

/** Rows in which the records of a trace are looked for, which takes a tenth of a millisecond. */
const RECENT_ROWS = 1000;
/** Records of one export chunk. */
const EXPORT_CHUNK = 100;
/** Bytes of one chunk of JSON lines: small enough not to block ingestion noticeably. */
const EXPORT_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
/** New records are made searchable so long after the last put, and so long at once, which are some hundred records. */
const FOLD_AFTER_MS = 20;
const FOLD_FOR_MS = 4;
/** From so many on, puts are not waited for: a search has to make the others searchable, a quarter of a second for this many. */
const MANY_UNFOLDED = 25_000;
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
  readonly #changes = new ChangeLog();
  readonly #watchers = new Set<() => void>();
  /** Keys of erased records. Engines that build on this one write them down. */
  readonly tombstones: Tombstones;
  readonly documents = new MemoryDocuments();
  /** By sequence number modulo {@link RECENT_ROWS}. */
  readonly #recentTraces: { readonly seq: number; readonly traceId: string }[] = [];
  #folding: Timer | undefined;
  /** False if records were put since the timer was started: it is started once more. */
  #isFoldedNext = false;
  /** Tells cursors of this process from those of another. */
  readonly #epoch = randomUUID().slice(0, 8);
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
    this.#foldLater();
    if (added.length > 0 || removed.length > 0) this.#notify();
    return { records: added, removed, cursor: this.#cursor };
  }

  /** Stores a record that nobody else has: it is not copied. For engines that build on this one, while they load. */
  restore(record: NewRecord): void {
    this.#store(Object.assign(record, { seq: this.#seqOf(record.id) }));
    this.#evict();
    this.#foldLater();
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
      const record = this.#recordOf(id);
      if (record) found.set(id, record);
    }
    return Promise.resolve(found);
  }

  recentInTraces(traceIds: readonly string[]): Promise<readonly string[]> {
    const wanted = new Set(traceIds);
    const ids: string[] = [];
    const first = Math.max(this.#table.first, this.#table.end - RECENT_ROWS);
    for (let row = first; row < this.#table.end; row++) {
      const id = this.#table.idOf(row);
      if (id !== undefined && wanted.has(this.#traceIdOf(this.#table.seqOf(row), id))) ids.push(id);
    }
    return Promise.resolve(ids);
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
    let chunk: StoredRecord[] = [];
    for (const record of this.#records(query)) {
      chunk.push(record);
      if (chunk.length < EXPORT_CHUNK) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  }

  async *exportLines(query: RecordQuery): AsyncIterable<RecordLines> {
    const lines = new JsonBuffer();
    let length = 0;
    for (const row of this.#rows(query)) {
      if (!this.#table.writeJson(row, lines)) continue;
      lines.addByte(NEWLINE);
      length++;
      if (lines.length < EXPORT_BYTES) continue;
      yield { length, bytes: Uint8Array.from(lines.bytes) };
      lines.clear();
      length = 0;
    }
    if (length > 0) yield { length, bytes: Uint8Array.from(lines.bytes) };
  }

  async changes(since: Cursor | undefined, limit: number): Promise<Changes> {
    const nothing = { records: [], removed: [], cursor: this.#cursor };
    if (since === undefined) return { ...nothing, isComplete: true };
    const changes = this.#changes.since(parseCursor('since', since));
    if (!changes) return { ...nothing, isComplete: false };
    // The latest change of a record counts.
    const isRemoved = new Map(changes.map(({ id, isRemoval }) => [id, isRemoval]));
    const removed = [...isRemoved].flatMap(([id, isRemoval]) => (isRemoval ? [id] : []));
    const records = [...isRemoved.keys()].flatMap((id) => this.#recordOf(id) ?? []);
    if (removed.length + records.length > limit) return { ...nothing, isComplete: false };
    return { ...nothing, records: records.sort((a, b) => a.seq - b.seq), removed, isComplete: true };
  }

  async changePage(since: Cursor | undefined, limit: number): Promise<ChangePage> {
    const [epoch, revision] = since?.split('-') ?? [];
    if (since !== undefined && revision === undefined)
      throw new BadQueryError('cursor is none of this server');
    const nothing = {
      records: [],
      removed: [],
      cursor: this.#pageCursor(this.#table.revision),
      hasMore: false,
    };
    if (since === undefined) return { ...nothing, isComplete: true };
    // Revisions are counted anew by each process.
    const changes =
      epoch === this.#epoch ? this.#changes.since(parseCursor('cursor', revision ?? '')) : undefined;
    if (!changes) return { ...nothing, isComplete: false };
    const last = changes[Math.min(limit, changes.length) - 1];
    if (!last) return { ...nothing, isComplete: true };
    const page = changes.filter((change) => change.revision <= last.revision);
    const ids = [...new Set(page.map(({ id }) => id))];
    const found = new Map(ids.map((id) => [id, this.#recordOf(id)]));
    const wasRemoved = new Set(page.flatMap(({ id, isRemoval }) => (isRemoval ? [id] : [])));
    return {
      records: [...found.values()].flatMap((record) => record ?? []).sort((a, b) => a.seq - b.seq),
      // One that is gone by now, and was not in this page, is told by a later one.
      removed: ids.filter((id) => wasRemoved.has(id) && !found.get(id)),
      cursor: this.#pageCursor(last.revision),
      hasMore: page.length < changes.length,
      isComplete: true,
    };
  }

  #pageCursor(revision: number): Cursor {
    return `${this.#epoch}-${revision}`;
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
    return { ids: known, cursor: this.#cursor };
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
    this.#changes.restart(++this.#table.revision);
    this.#notify();
    return { ids, cursor: this.#cursor };
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
    clearTimeout(this.#folding);
    return Promise.resolve();
  }

  /** Number of records. */
  get size(): number {
    return this.#table.count;
  }

  /** Yields all records in order of arrival. */
  records(): Iterable<StoredRecord> {
    return this.#records({});
  }

  snapshot(): readonly StoredRecord[] {
    return [...this.records()];
  }

  get #cursor(): Cursor {
    return String(this.#table.revision);
  }

  #notify(): void {
    for (const notify of this.#watchers) notify();
  }

  #select(query: RecordQuery): Uint32Array {
    return selectRows(this.#table, query, Date.now());
  }

  *#records(query: RecordQuery): Iterable<StoredRecord> {
    for (const row of this.#rows(query)) {
      const record = this.#table.record(row);
      if (record) yield record;
    }
  }

  /** Yields rows that match. By the time it is read, a row may be empty. */
  *#rows(query: RecordQuery): Iterable<number> {
    const rows = this.#select(query);
    // By sequence number: rows move when the table closes up while a slow reader iterates.
    const shift = this.#table.firstSeq - this.#table.first;
    for (const row of rows) yield this.#table.rowOf(row + shift);
  }

  /** Returns the trace of a recent record. Its id is looked into once, not for each request. */
  #traceIdOf(seq: number, id: string): string {
    const known = this.#recentTraces[seq % RECENT_ROWS];
    if (known?.seq === seq) return known.traceId;
    const traceId = traceIdOf(id);
    this.#recentTraces[seq % RECENT_ROWS] = { seq, traceId };
    return traceId;
  }

  #recordOf(id: string): StoredRecord | undefined {
    const row = this.#table.rowOfId(id);
    return row === undefined ? undefined : this.#table.record(row);
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
    this.#changes.add({ revision: ++this.#table.revision, id: record.id, isRemoval: false });
    return record;
  }

  /** Makes new records searchable when there is time for it: a search that comes earlier does it itself. */
  #foldLater(): void {
    this.#isFoldedNext = false;
    this.#folding ??= startBackgroundTimer(FOLD_AFTER_MS, () => this.#foldSome());
  }

  #foldSome(): void {
    this.#folding = undefined;
    const end = performance.now() + FOLD_FOR_MS;
    const isDone =
      (this.#isFoldedNext || this.#table.unfolded > MANY_UNFOLDED) &&
      this.#table.fold(() => performance.now() >= end);
    if (isDone) return;
    this.#foldLater();
    this.#isFoldedNext = true;
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
    if (known.length === 0) return known;
    const revision = ++this.#table.revision;
    for (const id of known) this.#changes.add({ revision, id, isRemoval: true });
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
