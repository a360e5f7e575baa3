import type { ThreadList, ThreadOrder, UserList } from '../../model/lists.js';
import type { RequestSample } from '../../model/request-sample.js';
import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import type { Activity } from '../../model/people/activity.js';
import type { Retention as PeopleRetention } from '../../model/people/retention.js';
import type { Statistics } from '../../model/statistics.js';
import { wellFormed } from '../../../records/text/clean-text.js';
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
  RecordPage,
  RecordStore,
  RemoveResult,
  StoreUsage,
} from '../record-store.js';
import { recordKey } from '../../model/privacy/erasure-keys.js';
import { ChangeWatcher } from './change-watcher.js';
import { ClickHouseClient, parseClickHouseUrl } from './client/clickhouse-client.js';
import { ClickHouseDocuments } from './clickhouse-documents.js';
import { ClickHousePending } from './clickhouse-pending.js';
import { coverLatest, type Covered } from './queries/covered-time.js';
import { exportRecords } from './queries/export-records.js';
import { InsertQueue } from './writes/insert-queue.js';
import { maskEarlier } from './writes/mask-rows.js';
import { listRecords } from './queries/list/list-records.js';
import { listThreads } from './queries/list-threads.js';
import { listUsers } from './queries/list-users.js';
import { HISTORY_CUT } from '../history.js';
import { readActivity } from './queries/people/activity.js';
import type { PeopleContext } from './queries/people/people-context.js';
import { readRetention } from './queries/people/retention.js';
import { migrate } from './schema/migrate.js';
import { Purge } from './writes/purge.js';
import { Retention } from './writes/retention.js';
import { RecordCount } from './queries/record-count.js';
import { readChangePage } from './queries/changes/read-change-page.js';
import { readChanges } from './queries/changes/read-changes.js';
import { recentInTraces } from './queries/recent-in-traces.js';
import { fromRow, RECORD_COLUMNS, type RecordColumns } from './queries/record-row.js';
import { sampleRequests } from './queries/sample-requests.js';
import { readMeasures, readMeasuresEach } from './queries/measure/read-measures.js';
import {
  asStored,
  findErased,
  RecordWriter,
  toWrites,
  type Write,
  type Written,
} from './writes/record-writer.js';
import { readStatistics } from './queries/statistics/statistics.js';
import { whereClause } from './queries/where-clause.js';

export interface ClickHouseStoreOptions {
  /** `clickhouse://user:password@host:8123/database`, see `parseClickHouseUrl()`. */
  readonly url: string;
  /** Records of one project do not see those of another. Default `default`. */
  readonly project?: string | undefined;
  /** Rows from which an insert starts at once. Default 1,000. */
  readonly maxBatch?: number | undefined;
  /** Longest time in milliseconds that a record waits for others before it is inserted. Default 200. */
  readonly maxWaitMs?: number | undefined;
  /** Records of all projects whose time is longer ago than this number of days are deleted, within six hours. Default: they are kept. */
  readonly retentionDays?: number | undefined;
  /** Records that sums and lists of people cover, the latest ones, if no beginning is asked for. Their answers say since when. Default 1,000,000. */
  readonly maxSummed?: number | undefined;
  /** Time in milliseconds after which `changePage()` tells a change: longer than an insert takes. Default 60,000. */
  readonly changeLagMs?: number | undefined;
}

const DEFAULT_PROJECT = 'default';
const DEFAULT_MAX_BATCH = 1000;
const DEFAULT_MAX_WAIT_MS = 200;
const DEFAULT_MAX_SUMMED = 1_000_000;
const DEFAULT_CHANGE_LAG_MS = 60_000;

/**
 * Opens a store in ClickHouse, and brings its schema up to date. Any number of servers can share one database.
 *
 * @throws TypeError for a wrong address, UnsupportedClickHouseError, ClickHouseError
 */
export async function openClickHouseStore(options: ClickHouseStoreOptions): Promise<RecordStore> {
  const { retentionDays: days } = options;
  if (days !== undefined && !(Number.isInteger(days) && days > 0))
    throw new TypeError(`retentionDays: ${String(days)} given, a whole number of days above 0 accepted.`);
  const client = new ClickHouseClient(parseClickHouseUrl(options.url));
  await migrate(client);
  return new ClickHouseStore(client, options);
}

/** Notes that these projects have lost their oldest records, for all servers. */
async function noteCut(client: ClickHouseClient, projects: readonly string[]): Promise<void> {
  for (const project of projects)
    await new ClickHouseDocuments(client, project).put({
      ...HISTORY_CUT,
      value: { since: new Date().toISOString() },
    });
}

/** Records in ClickHouse. Keeps nothing that another server would need. */
class ClickHouseStore implements RecordStore {
  readonly #client: ClickHouseClient;
  readonly #project: string;
  readonly #maxSummed: number;
  readonly #changeLagMs: number;
  readonly #writer: RecordWriter;
  readonly #queue: InsertQueue<Write, Written>;
  readonly #count: RecordCount;
  readonly #watcher: ChangeWatcher;
  readonly #purge: Purge;
  readonly #retention: Retention | undefined;
  readonly documents: ClickHouseDocuments;
  readonly pending: ClickHousePending;

  constructor(client: ClickHouseClient, options: Omit<ClickHouseStoreOptions, 'url'>) {
    const {
      project = DEFAULT_PROJECT,
      maxBatch = DEFAULT_MAX_BATCH,
      maxWaitMs = DEFAULT_MAX_WAIT_MS,
      retentionDays,
      maxSummed = DEFAULT_MAX_SUMMED,
      changeLagMs = DEFAULT_CHANGE_LAG_MS,
    } = options;
    this.#maxSummed = maxSummed;
    this.#changeLagMs = changeLagMs;
    this.#client = client;
    this.#project = project;
    this.#writer = new RecordWriter(client, project);
    this.#queue = new InsertQueue({
      write: (writes) => this.#writer.write(writes),
      maxItems: maxBatch,
      maxWaitMs,
    });
    this.#count = new RecordCount(client, project);
    this.#watcher = new ChangeWatcher(client, project);
    this.#purge = new Purge(client);
    this.#retention =
      retentionDays === undefined
        ? undefined
        : new Retention(client, retentionDays, {
            onMasked: () => this.#purge.schedule(),
            onCut: (projects) => noteCut(client, projects),
          });
    this.#retention?.schedule();
    this.documents = new ClickHouseDocuments(client, project);
    this.pending = new ClickHousePending(client, project, { maxItems: maxBatch, maxWaitMs });
  }

  async put(records: readonly NewRecord[], superseded: readonly string[] = []): Promise<PutResult> {
    const writes = toWrites(records, superseded);
    if (writes.length === 0)
      return { records: [], removed: [], cursor: (await this.changes(undefined, 0)).cursor };
    const written = await this.#queue.add(writes);
    this.#watcher.notify();
    const removed = superseded.filter((id) => written.removed.has(wellFormed(id)));
    return { records: asStored(records, written), removed, cursor: written.cursor };
  }

  async get(ids: readonly string[]): Promise<ReadonlyMap<string, StoredRecord>> {
    const found = new Map<string, StoredRecord>();
    if (ids.length === 0) return found;
    for (const row of await this.#select({ ids })) found.set(row.id, row);
    return found;
  }

  recentInTraces(traceIds: readonly string[]): Promise<readonly string[]> {
    return recentInTraces(this.#client, this.#project, traceIds, Date.now());
  }

  list(query: RecordQuery, page: PageRequest): Promise<RecordPage> {
    return listRecords(this.#client, this.#project, query, page);
  }

  async users(query: RecordQuery, limit: number): Promise<UserList> {
    return listUsers(this.#client, this.#project, await this.#cover(query), limit);
  }

  threads(query: RecordQuery, limit: number, order: ThreadOrder = 'latest'): Promise<ThreadList> {
    return listThreads(this.#client, this.#project, query, limit, order);
  }

  async statistics(query: RecordQuery, buckets: number, timeZone = 'UTC'): Promise<Statistics> {
    const clock = clockOf(timeZone);
    return readStatistics(this.#client, this.#project, await this.#cover(query), buckets, clock);
  }

  async measure(query: RecordQuery, request: MeasureRequest): Promise<MeasureAnswer> {
    const clock = clockOf(request.timeZone ?? 'UTC');
    return readMeasures(this.#client, this.#project, await this.#cover(query), request, clock);
  }

  async measureEach(
    query: RecordQuery,
    requests: readonly MeasureRequest[],
  ): Promise<readonly MeasureAnswer[]> {
    return readMeasuresEach(this.#client, this.#project, await this.#cover(query), requests);
  }

  async activity(query: RecordQuery, request: ActivityRequest): Promise<Activity> {
    return readActivity(await this.#peopleContext(query, request.timeZone), request);
  }

  async retention(query: RecordQuery, request: RetentionRequest): Promise<PeopleRetention> {
    return readRetention(await this.#peopleContext(query, request.timeZone), request);
  }

  async #peopleContext(query: RecordQuery, timeZone = 'UTC'): Promise<PeopleContext> {
    const clock = clockOf(timeZone);
    const isUncertain = (await this.documents.get(HISTORY_CUT.kind, HISTORY_CUT.name)) !== undefined;
    return { client: this.#client, project: this.#project, query, clock, now: Date.now(), isUncertain };
  }

  sample(query: RecordQuery, limit: number): Promise<RequestSample> {
    return sampleRequests(this.#client, this.#project, query, limit);
  }

  export(query: RecordQuery): AsyncIterable<readonly StoredRecord[]> {
    return exportRecords(this.#client, this.#project, query);
  }

  changes(since: Cursor | undefined, limit: number): Promise<Changes> {
    return readChanges(this.#client, this.#project, since, limit);
  }

  changePage(since: Cursor | undefined, limit: number): Promise<ChangePage> {
    return readChangePage(this.#client, this.#project, since, { limit, lagMs: this.#changeLagMs });
  }

  watch(listener: () => void): () => void {
    return this.#watcher.watch(listener);
  }

  async remove(query: RecordQuery): Promise<RemoveResult> {
    if (isEmptyQuery(query)) {
      await this.pending.clear();
      this.#purge.schedule();
    }
    const ids = await this.#writer.remove(query);
    this.#watcher.notify();
    return { ids, cursor: (await this.changes(undefined, 0)).cursor };
  }

  async erase(erasure: Erasure): Promise<RemoveResult> {
    await this.pending.erase(erasure.ids);
    const ids = await this.#writer.erase(erasure);
    this.#watcher.notify();
    this.#purge.schedule();
    return { ids, cursor: (await this.changes(undefined, 0)).cursor };
  }

  async purge(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await maskEarlier(this.#client, this.#project, ids);
    this.#purge.schedule();
  }

  async erased(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const at = await findErased(this.#client, this.#project, ids.map(recordKey));
    return new Set(ids.filter((id) => at.has(recordKey(id))));
  }

  async usage(): Promise<StoreUsage> {
    const [records, [disk]] = await Promise.all([
      this.#count.read(),
      this.#client.query<{ bytes: string }>(
        `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase()`,
      ),
    ]);
    const { refused, setAside } = this.#writer;
    return { records, bytes: Number(disk?.bytes ?? 0), evicted: 0, refused, setAside };
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    this.#watcher.close();
    this.#purge.close();
    this.#retention?.close();
    await Promise.all([this.#queue.drain(), this.pending.drain()]);
  }

  #cover(query: RecordQuery): Promise<Covered> {
    return coverLatest(this.#client, this.#project, query, this.#maxSummed);
  }

  async #select(query: RecordQuery): Promise<readonly StoredRecord[]> {
    const { sql, parameters } = whereClause(this.#project, query, Date.now());
    const rows = await this.#client.query<RecordColumns>(
      `SELECT ${RECORD_COLUMNS} FROM records FINAL\nWHERE ${sql}`,
      { parameters },
    );
    return rows.map((row) => fromRow(row));
  }
}
