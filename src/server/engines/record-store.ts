import type { ThreadList, ThreadOrder, UserList, RecordOrder } from '../model/lists.js';
import type { RequestSample } from '../model/request-sample.js';
import type { MeasureAnswer } from '../model/measure/measure-answer.js';
import type { Activity } from '../model/people/activity.js';
import type { Retention } from '../model/people/retention.js';
import type { Statistics } from '../model/statistics.js';
import type { NewRecord, StoredRecord } from '../model/stored-record.js';
import type { MeasureRequest } from '../query/measure-request.js';
import type { ActivityRequest, RetentionRequest } from '../query/people-request.js';
import type { RecordQuery } from '../query/record-query.js';
import type { DocumentStore } from './document-store.js';
import type { PendingParts } from './pending-parts.js';

/**
 * A position in the store, as text. Only the engine that made it can read it: the engines in memory count, ClickHouse writes what a row is
 * sorted by. List cursors and change cursors are not interchangeable.
 */
export type Cursor = string;

/** Records as they were stored, in the order in which they were given, without those that were erased earlier; the change cursor after them. */
export interface PutResult {
  readonly records: readonly StoredRecord[];
  /** Ids of the superseded records that existed and are gone. */
  readonly removed: readonly string[];
  readonly cursor: Cursor;
}

export interface RemoveResult {
  /** Ids of the records that existed and are gone. */
  readonly ids: readonly string[];
  readonly cursor: Cursor;
}

/** Records to delete for good. */
export interface Erasure {
  readonly ids: readonly string[];
  /** Keys of `erasedKeysOf()` and `personKeysOf()`. `put` leaves out records that `repeatKeysOf()` finds among them. */
  readonly keys: readonly string[];
}

export interface PageRequest {
  readonly limit: number;
  /** `next` of the page before, in the same order. Default: the latest records. */
  readonly before?: Cursor;
  /** By arrival, or by `timestamp`, then by arrival; the latest first. Default `arrival`. */
  readonly order?: RecordOrder;
}

export interface RecordPage {
  /** In the order that was asked for, the latest first. */
  readonly records: readonly StoredRecord[];
  /** Number of records that match the query, on all pages. */
  readonly total: number;
  /** True if more than `total` records match: a database stops counting where it would read all of time for a page. */
  readonly isTotalCapped?: boolean;
  /** Undefined on the last page. */
  readonly next?: Cursor;
  /** Events that give feedback on one of `records`, whether or not the query matches them. */
  readonly feedback: readonly StoredRecord[];
}

export interface Changes {
  /** Records that are new or were replaced, as they are now, in order of arrival. */
  readonly records: readonly StoredRecord[];
  /** Ids of records that were removed. Evicted records are not among them. */
  readonly removed: readonly string[];
  /** False if there are more changes than can be listed, or if everything was removed. The reader has to list anew. */
  readonly isComplete: boolean;
  /** The latest change. */
  readonly cursor: Cursor;
}

/** Changes after a cursor, as many as were asked for. */
export interface ChangePage extends Changes {
  /** True if there are further changes after `cursor`. */
  readonly hasMore: boolean;
}

/** Records as JSON lines. */
export interface RecordLines {
  /** Number of records. */
  readonly length: number;
  /** UTF-8, with a line break after each record. */
  readonly bytes: Uint8Array;
}

export interface StoreUsage {
  readonly records: number;
  /** Undefined for engines that evict nothing. */
  readonly maxRecords?: number;
  /** Estimated memory of the records; of a database, their size on its disk. */
  readonly bytes: number;
  readonly maxBytes?: number;
  /** Records that were evicted for newer ones since the start. */
  readonly evicted: number;
  /** Time of the first eviction since the start, ISO 8601. */
  readonly evictedSince?: string;
  /** Records that were left out since the start, because they had been erased and were delivered again. */
  readonly refused: number;
  /** Records that a database would not take, since the start. Undefined for engines that take everything. */
  readonly setAside?: number;
  /** Name of the file that keeps the records, if there is one. */
  readonly file?: string;
  readonly fileBytes?: number;
}

/**
 * The seam between the server and what keeps its records. Only data crosses it, and every method is asynchronous, so that a database
 * can implement it. `test/server/engines/contract.ts` holds every engine to the same answers.
 *
 * A record whose id is stored already replaces the earlier one and keeps its place in the order of arrival.
 */
export interface RecordStore {
  /**
   * Resolves when the records are as safe as this engine makes them. If it rejects, none of them is stored.
   *
   * `superseded` are ids of records that these records take the place of: they are removed in the same operation, as `remove` does. If
   * it rejects, none of them is gone. An id that is also among `records` is stored.
   */
  put(records: readonly NewRecord[], superseded?: readonly string[]): Promise<PutResult>;
  /** Returns the records that exist, by id. */
  get(ids: readonly string[]): Promise<ReadonlyMap<string, StoredRecord>>;
  /**
   * Returns the ids of records that were written lately and begin with one of these trace ids: in a database those of the last 15 minutes, in
   * memory some of the latest thousands. Without it, facts that another server got do not complete records.
   */
  recentInTraces?(traceIds: readonly string[]): Promise<readonly string[]>;
  /** @throws BadQueryError if `before` is not a cursor of this engine. */
  list(query: RecordQuery, page: PageRequest): Promise<RecordPage>;
  users(query: RecordQuery, limit: number): Promise<UserList>;
  /** Records without a thread belong to none. Default order: `latest`. All numbers are those of the records that match. */
  threads(query: RecordQuery, limit: number, order?: ThreadOrder): Promise<ThreadList>;
  /**
   * `buckets` is the largest number of steps in the time series. From an hour on they follow the clock of `timeZone` (IANA name,
   * default UTC), as `timeBuckets()` divides them. The answer includes everything stored before the call.
   *
   * @throws BadQueryError if there is no such time zone.
   */
  statistics(query: RecordQuery, buckets: number, timeZone?: string): Promise<Statistics>;
  /**
   * Measures the records that match, by a dimension and by time if asked. Additive measures add up: groups and `other` are the total, but for
   * tags, of which a record can have several. The answer includes everything stored before the call.
   *
   * @throws BadQueryError if there is no such time zone, or too many steps.
   */
  measure(query: RecordQuery, request: MeasureRequest): Promise<MeasureAnswer>;
  /**
   * Answers several requests for the same records, each as `measure()` does. For engines to which that costs less than one after the other; without it,
   * `measure()` is called.
   *
   * @throws BadQueryError as `measure()` does.
   */
  measureEach?(query: RecordQuery, requests: readonly MeasureRequest[]): Promise<readonly MeasureAnswer[]>;
  /**
   * Counts who was active in each period, by the prompts that match. `since` and `until` of the query choose the periods, which are whole: who
   * is new, or was there before, is told by the prompts of all time.
   *
   * @throws BadQueryError if there is no such time zone.
   */
  activity(query: RecordQuery, request: ActivityRequest): Promise<Activity>;
  /** Counts who came back in the weeks after the first prompt ever. The rest is as in {@link activity}. @throws BadQueryError */
  retention(query: RecordQuery, request: RetentionRequest): Promise<Retention>;
  /** Chooses at most `limit` of the requests that match, by a hash of their ids: the same ones on every engine. */
  sample(query: RecordQuery, limit: number): Promise<RequestSample>;
  /** Yields records in chunks, in order of arrival. Records that arrive or go meanwhile may be included or not. */
  export(query: RecordQuery): AsyncIterable<readonly StoredRecord[]>;
  /** Does what `export` does, as JSON lines. Only engines that can write them without reading the records have it. */
  exportLines?(query: RecordQuery): AsyncIterable<RecordLines>;
  /**
   * Returns at most `limit` changes after `since`, whichever server made them. Without `since`, returns no records and the cursor of the
   * latest change.
   *
   * @throws BadQueryError if `since` is not a cursor of this engine.
   */
  changes(since: Cursor | undefined, limit: number): Promise<Changes>;
  /**
   * Returns the earliest changes after `since`, about `limit` of them, for a copy that is kept up to date: its cursors are told apart from those of
   * {@link changes}. `isComplete` is false if they are not known any more, for instance after a restart of an engine in memory. A database tells changes a while after they were
   * made, and each at least once. Without `since`, returns the cursor of now.
   *
   * @throws BadQueryError if `since` is not a cursor of this engine.
   */
  changePage?(since: Cursor | undefined, limit: number): Promise<ChangePage>;
  /**
   * Calls `listener` soon after each change, also one of another server. The engine decides whether it is told or asks at intervals; it
   * may combine changes, and call without one. The listener must not throw.
   *
   * @returns a function that stops the calls
   */
  watch(listener: () => void): () => void;
  /** Deletes the records that match. They may be put again. The empty query deletes everything but documents and what was erased. */
  remove(query: RecordQuery): Promise<RemoveResult>;
  /**
   * Deletes records for good. They are hidden at once and stay so over a restart, also when they are put again. Resolves when the content
   * has left the file; a database states the time within which it leaves the disk. If it rejects, the records may be hidden already:
   * repeat it. What was put before the call and is not in `ids` stays.
   */
  erase(erasure: Erasure): Promise<RemoveResult>;
  /**
   * Removes from the disk what was shown of these records earlier: versions that were replaced, and records that were removed. Resolves when it has left the
   * file; a database states the time within which it does. Without it, nothing else was kept.
   */
  purge?(ids: readonly string[]): Promise<void>;
  /** Returns which of these ids were erased. */
  erased(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Small documents: saved views, the audit log. */
  readonly documents: DocumentStore;
  /** Parts of calls that wait for others. Without it, all parts of a call have to reach one server between two of its restarts. */
  readonly pending?: PendingParts | undefined;
  usage(): Promise<StoreUsage>;
  close(): Promise<void>;
  /**
   * All records in order of arrival, without waiting. Only engines that keep everything in memory have it. The server itself does not
   * use it: it serves `RunningServer.records()`, for tests.
   */
  snapshot?(): readonly StoredRecord[];
}
