import { codeOf } from '../../../common/unknown-values.js';
import { open, realpath, rm, type FileHandle } from 'node:fs/promises';
import type { ThreadList, ThreadOrder, UserList } from '../../model/lists.js';
import type { RequestSample } from '../../model/request-sample.js';
import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import type { Activity } from '../../model/people/activity.js';
import type { Retention } from '../../model/people/retention.js';
import type { Statistics } from '../../model/statistics.js';
import type { NewRecord, StoredRecord } from '../../model/stored-record.js';
import type { MeasureRequest } from '../../query/measure-request.js';
import type { ActivityRequest, RetentionRequest } from '../../query/people-request.js';
import { isEmptyQuery, type RecordQuery } from '../../query/record-query.js';
import { idsBeside, MemoryStore, type MemoryStoreOptions } from '../memory/memory-store.js';
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
import { hashOf } from '../tombstones.js';
import { ExclusiveGate } from './exclusive-gate.js';
import { FileDocuments } from './file-documents.js';
import { FilePending } from './file-pending.js';
import { lockFile } from './file-lock.js';
import { convertFromUtf16 } from './convert-from-utf16.js';
import { loadFile } from './load-file.js';
import { RecordFile, rewritePathOf } from './record-file.js';

export interface FileStoreOptions extends MemoryStoreOptions {
  /** Created if needed, readable by its owner only. Its folder has to exist. */
  readonly file: string;
  /** Called while the file is read at the start, with the share (0 to 1) that has been read. */
  readonly onLoadProgress?: ((share: number) => void) | undefined;
  /** Called after the file was read, if it has lines that are no records. They stay in the file until it is rewritten. */
  readonly onSkippedLines?: ((count: number) => void) | undefined;
}

/** The file is rewritten once it has this many times more lines than there are records. */
const GROWN_FACTOR = 4;
/** Below this size the file is never rewritten: reading it takes a few milliseconds. */
const GROWN_BYTES = 4 * 1024 * 1024;

/**
 * Opens a store that keeps its records in a file of JSON lines, and in memory for reading. Evicted and replaced records stay in the
 * file until it has grown to several times the records; it is then rewritten. A last line torn by a crash is cut off. A file in UTF-16, as
 * PowerShell writes it, is converted.
 *
 * Why lines and no database: compared on Node 20 with 100,000 records in batches of 100, appended and read back, lmdb took 1.7 and
 * LevelDB 3.2 times as long, and SQLite had to be compiled. Lines can be read with `grep` and `jq`.
 *
 * @throws FileLockedError (code `ELOCKED`) if another process has the file; an Error with a code if it cannot be read and written.
 */
export async function openFileStore(options: FileStoreOptions): Promise<RecordStore> {
  const memory = new MemoryStore(options);
  await (await openReadWrite(options.file)).close();
  // Resolved, so that two links to one file share its lock.
  const path = await realpath(options.file);
  const unlock = await lockFile(path);
  let handle: FileHandle | undefined;
  try {
    await rm(rewritePathOf(path), { force: true });
    await convertFromUtf16(path);
    handle = await openReadWrite(path);
    const { end, lines, skipped, erased } = await loadFile(handle, memory, options.onLoadProgress);
    if (skipped > 0) options.onSkippedLines?.(skipped);
    const pending = await FilePending.open(`${path}.pending`);
    const store = new FileStore({ memory, file: new RecordFile(path, handle, end, lines), pending, unlock });
    // Ends an erasure that a crash has interrupted. The purge comes last: it deletes the ids.
    if (erased.length > 0) {
      await pending.erase(erased);
      await store.purge();
    }
    await store.rewriteIfGrown();
    return store;
  } catch (error) {
    await handle?.close();
    await unlock();
    throw error;
  }
}

/** Opens a file for reading and writing, and creates it if needed. Not with "a+", because a torn line has to be overwritten. */
async function openReadWrite(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+', 0o600);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    // "a" follows a link to a file that is not there yet, "wx" does not.
    await (await open(path, 'a', 0o600)).close();
    return open(path, 'r+', 0o600);
  }
}

interface FileStoreParts {
  readonly memory: MemoryStore;
  readonly file: RecordFile;
  readonly pending: FilePending;
  readonly unlock: () => Promise<void>;
}

/** A {@link MemoryStore} whose changes are written to a file before they show. */
class FileStore implements RecordStore {
  readonly #memory: MemoryStore;
  readonly #file: RecordFile;
  readonly #unlock: () => Promise<void>;
  /** Puts share it. An erasure excludes them, so that none of them writes a line that was erased meanwhile. */
  readonly #gate = new ExclusiveGate();
  readonly documents: FileDocuments;
  readonly pending: FilePending;
  /** Size from which a rewrite is tried: after a failed one, the file has to double first. */
  #nextRewriteAt = GROWN_BYTES;

  constructor({ memory, file, pending, unlock }: FileStoreParts) {
    this.#memory = memory;
    this.#file = file;
    this.#unlock = unlock;
    this.pending = pending;
    this.documents = new FileDocuments(memory.documents, (line) => file.append([toLine(line)]));
  }

  put(records: readonly NewRecord[], superseded: readonly string[] = []): Promise<PutResult> {
    return this.#gate.share(async () => {
      const accepted = this.#memory.withoutErased(records);
      const removed = idsBeside(accepted, superseded);
      const lines = accepted.map(toLine);
      // In one write, which is cut off as a whole if it fails. Records first: what a crash leaves of it holds too much rather than too little.
      if (removed.length > 0) lines.push(toLine({ removed }));
      if (lines.length > 0) await this.#file.append(lines);
      const result = this.#memory.add(accepted, removed);
      void this.rewriteIfGrown();
      return result;
    });
  }

  async remove(query: RecordQuery): Promise<RemoveResult> {
    if (isEmptyQuery(query)) return this.#clear();
    const ids = this.#memory.idsOf(query);
    if (ids.length > 0) await this.#file.append([toLine({ removed: ids })]);
    return this.#memory.forget(ids);
  }

  async erase({ ids, keys }: Erasure): Promise<RemoveResult> {
    const entry = { hashes: keys.map(hashOf), at: Date.now() };
    const result = await this.#gate.exclude(async () => {
      if (ids.length > 0 || keys.length > 0) await this.#file.append([toLine({ erased: { ids, ...entry } })]);
      this.#memory.tombstones.add(entry);
      return this.#memory.forget(ids);
    });
    await this.pending.erase(ids);
    await this.purge();
    return result;
  }

  erased(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#memory.erased(ids);
  }

  /** Removes all lines from the file that are no longer in memory: erased, removed, replaced and evicted ones of any id. */
  async purge(): Promise<void> {
    if (this.#file.bytes > 0) await this.#file.rewriteAnew(() => linesOf(this.#memory));
  }

  #clear(): Promise<RemoveResult> {
    return this.#gate.exclude(async () => {
      await this.pending.clear();
      if (this.#file.bytes > 0) await this.#file.rewriteAnew(() => linesBeside(this.#memory));
      return this.#memory.clear();
    });
  }

  get(ids: readonly string[]): Promise<ReadonlyMap<string, StoredRecord>> {
    return this.#memory.get(ids);
  }

  recentInTraces(traceIds: readonly string[]): Promise<readonly string[]> {
    return this.#memory.recentInTraces(traceIds);
  }

  list(query: RecordQuery, page: PageRequest): Promise<RecordPage> {
    return this.#memory.list(query, page);
  }

  users(query: RecordQuery, limit: number): Promise<UserList> {
    return this.#memory.users(query, limit);
  }

  threads(query: RecordQuery, limit: number, order?: ThreadOrder): Promise<ThreadList> {
    return this.#memory.threads(query, limit, order);
  }

  statistics(query: RecordQuery, buckets: number, timeZone?: string): Promise<Statistics> {
    return this.#memory.statistics(query, buckets, timeZone);
  }

  measure(query: RecordQuery, request: MeasureRequest): Promise<MeasureAnswer> {
    return this.#memory.measure(query, request);
  }

  activity(query: RecordQuery, request: ActivityRequest): Promise<Activity> {
    return this.#memory.activity(query, request);
  }

  retention(query: RecordQuery, request: RetentionRequest): Promise<Retention> {
    return this.#memory.retention(query, request);
  }

  sample(query: RecordQuery, limit: number): Promise<RequestSample> {
    return this.#memory.sample(query, limit);
  }

  export(query: RecordQuery): AsyncIterable<readonly StoredRecord[]> {
    return this.#memory.export(query);
  }

  exportLines(query: RecordQuery): AsyncIterable<RecordLines> {
    return this.#memory.exportLines(query);
  }

  changes(since: Cursor | undefined, limit: number): Promise<Changes> {
    return this.#memory.changes(since, limit);
  }

  changePage(since: Cursor | undefined, limit: number): Promise<ChangePage> {
    return this.#memory.changePage(since, limit);
  }

  watch(listener: () => void): () => void {
    return this.#memory.watch(listener);
  }

  snapshot(): readonly StoredRecord[] {
    return this.#memory.snapshot();
  }

  async usage(): Promise<StoreUsage> {
    return { ...(await this.#memory.usage()), file: this.#file.name, fileBytes: this.#file.bytes };
  }

  async close(): Promise<void> {
    await this.#memory.close();
    await this.pending.close();
    await this.#file.close();
    await this.#unlock();
  }

  /** Never rejects: if the rewrite fails, the file stays as it is. */
  async rewriteIfGrown(): Promise<void> {
    const { lineCount, bytes, isRewriting } = this.#file;
    if (isRewriting || bytes < this.#nextRewriteAt) return;
    if (lineCount < GROWN_FACTOR * (this.#memory.size + this.#memory.documents.size)) return;
    await this.#file.rewrite(linesOf(this.#memory)).catch(() => {
      this.#nextRewriteAt = 2 * bytes;
    });
  }
}

function* linesOf(memory: MemoryStore): Iterable<string> {
  yield* linesBeside(memory);
  for (const record of memory.records()) yield toLine(record);
}

/** Yields the lines that are no records. */
function* linesBeside(memory: MemoryStore): Iterable<string> {
  for (const entry of memory.tombstones.entries()) yield toLine({ erased: { ids: [], ...entry } });
  for (const document of memory.documents.all()) yield toLine({ document });
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
