import { open, realpath, rm, type FileHandle } from 'node:fs/promises';
import type { NewRecord, StoredRecord } from '../../model/stored-record.js';
import { lockFile } from './file-lock.js';
import { MemoryStore, type MemoryStoreOptions } from '../memory/memory-store.js';
import { parseLine } from './parse-line.js';
import { newFileOf, RecordFile } from './record-file.js';
import type { RecordStore, StoreEntry, StoreUsage } from '../record-store.js';
import type { RecordTable } from '../memory/record-table.js';

export interface FileStoreOptions extends MemoryStoreOptions {
  /** Made if needed, readable by its owner alone. Its folder has to exist. */
  readonly file: string;
  /** Called while the file is read, with the share (0 to 1) that has been read. */
  readonly onLoadProgress?: (share: number) => void;
}

const READ_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
/** The file is rewritten once it holds so many times the records that are kept … */
const GROWN_FACTOR = 4;
/** … and more than this: below it nobody minds. */
const GROWN_BYTES = 4 * 1024 * 1024;

/**
 * Opens a store that keeps its records in a file of JSON lines. What is kept in memory is in the file; what had to make room, or was
 * replaced, stays there until the file has grown to several times that, and is then rewritten. A last line that was torn by a crash
 * is cut off. Rejects when the file cannot be read and written, and with `ELOCKED` when another process has it.
 *
 * Plain lines were the fastest of all stores that install on Node 20 (100,000 records in batches of 100, appended and read back: lmdb
 * took 1.7 times as long, LevelDB 3.2 times; SQLite has to be compiled there), they hold up the event loop least, and `grep` and `jq`
 * read them. What is shown is in memory, so that an index on the disk would buy nothing.
 */
export async function openFileStore(options: FileStoreOptions): Promise<RecordStore> {
  const memory = new MemoryStore(options);
  await (await openReadWrite(options.file)).close();
  // The file itself, should the name be a link to it.
  const path = await realpath(options.file);
  const unlock = await lockFile(path);
  let handle: FileHandle | undefined;
  try {
    await rm(newFileOf(path), { force: true });
    handle = await openReadWrite(path);
    const { end, lines } = await load(handle, memory, options.onLoadProgress);
    const store = new FileStore(memory, new RecordFile(path, handle, end, lines), unlock);
    await store.rewriteIfGrown();
    return store;
  } catch (error) {
    await handle?.close();
    await unlock();
    throw error;
  }
}

/** Not "a+": a torn line has to be cut off, and appending is one writer's work anyway. */
async function openReadWrite(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return open(path, 'wx+', 0o600);
  }
}

/** Reads all whole lines into the store, cuts off what follows the last of them, and returns where the next one goes. */
async function load(
  file: FileHandle,
  memory: MemoryStore,
  onProgress: FileStoreOptions['onLoadProgress'],
): Promise<{ readonly end: number; readonly lines: number }> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(READ_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  let [position, lines] = [0, 0];
  while (position < size) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    lines += replay(bytes.toString('utf8', 0, end), memory);
    rest = bytes.subarray(end);
    onProgress?.(position / size);
  }
  const end = position - rest.length;
  if (rest.length > 0) await file.truncate(end);
  return { end, lines };
}

function replay(text: string, memory: MemoryStore): number {
  const lines = text.split('\n');
  for (const line of lines) {
    const change = parseLine(line);
    if (change && 'removed' in change) memory.forget(change.removed);
    else if (change) memory.add([change]);
  }
  return lines.length - 1;
}

class FileStore implements RecordStore {
  readonly table: RecordTable;
  readonly #memory: MemoryStore;
  readonly #file: RecordFile;
  readonly #unlock: () => Promise<void>;
  /** After a failure the file has to double before it is tried again. */
  #nextRewriteAt = 0;

  constructor(memory: MemoryStore, file: RecordFile, unlock: () => Promise<void>) {
    this.table = memory.table;
    this.#memory = memory;
    this.#file = file;
    this.#unlock = unlock;
  }

  get revision(): number {
    return this.#memory.revision;
  }

  async put(records: readonly NewRecord[]): Promise<readonly StoreEntry[]> {
    await this.#file.append(records.map(lineOf));
    const entries = this.#memory.add(records);
    void this.rewriteIfGrown();
    return entries;
  }

  async remove(ids: readonly string[]): Promise<readonly string[]> {
    const known = ids.filter((id) => this.#memory.get(id));
    if (known.length > 0) await this.#file.append([lineOf({ removed: known })]);
    return this.#memory.forget(known);
  }

  get(id: string): StoredRecord | undefined {
    return this.#memory.get(id);
  }

  entries(): Iterable<StoreEntry> {
    return this.#memory.entries();
  }

  usage(): StoreUsage {
    return { ...this.#memory.usage(), file: this.#file.name, fileBytes: this.#file.bytes };
  }

  clear(): Promise<number> {
    return this.#file.clear(() => this.#memory.clear());
  }

  async close(): Promise<void> {
    await this.#file.close();
    await this.#unlock();
  }

  /** Never rejects: a rewriting that fails leaves the file as it was. */
  async rewriteIfGrown(): Promise<void> {
    const { lineCount, bytes, isRewriting } = this.#file;
    if (isRewriting || bytes < Math.max(GROWN_BYTES, this.#nextRewriteAt)) return;
    if (lineCount < GROWN_FACTOR * this.#memory.usage().records) return;
    await this.#file.rewrite(keptLines(this.#memory)).catch(() => {
      this.#nextRewriteAt = 2 * bytes;
    });
  }
}

function* keptLines(memory: MemoryStore): Iterable<string> {
  for (const { record } of memory.entries()) yield lineOf(record);
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
