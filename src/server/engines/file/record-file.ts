import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Bytes of one write of a rewriting, so that it holds nobody up. */
const CHUNK_LENGTH = 256 * 1024;

/** A file of lines to which one process appends, and which it can replace by a shorter one while it goes on appending. */
export class RecordFile {
  readonly name: string;
  readonly #path: string;
  #file: FileHandle;
  #end: number;
  #lineCount: number;
  /** Writes happen one after the other; each waits for this. */
  #last: Promise<unknown> = Promise.resolve();
  /** Lines that go out with the next write, so that many small requests make few writes. */
  #lines: string[] = [];
  #nextWrite: Promise<void> | undefined;
  #rewriting: Promise<void> | undefined;
  /** What has been appended since a rewriting began: it goes to the end of the new file. */
  #meanwhile: string[] | undefined;

  constructor(path: string, file: FileHandle, end: number, lineCount: number) {
    this.name = basename(path);
    this.#path = path;
    this.#file = file;
    this.#end = end;
    this.#lineCount = lineCount;
  }

  get bytes(): number {
    return this.#end;
  }

  get lineCount(): number {
    return this.#lineCount;
  }

  get isRewriting(): boolean {
    return this.#rewriting !== undefined;
  }

  /** Resolves when the operating system has the lines: they survive the death of this process, not that of the machine. */
  append(lines: readonly string[]): Promise<void> {
    this.#lines.push(...lines);
    this.#nextWrite ??= this.#enqueue(() => this.#write());
    return this.#nextWrite;
  }

  /** Empties the file, and runs `work` before anything else is written. */
  clear<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(async () => {
      await this.#file.truncate(0);
      this.#end = 0;
      this.#lineCount = 0;
      // What is being written anew is not wanted any more.
      this.#meanwhile = undefined;
      return work();
    });
  }

  /**
   * Replaces the file by these lines and whatever is appended while they are written. Until the very last step, which is a rename,
   * the old file is whole and is written to: it may be interrupted at any time.
   */
  rewrite(lines: Iterable<string>): Promise<void> {
    this.#rewriting ??= this.#rewrite(lines).finally(() => {
      this.#rewriting = undefined;
      this.#meanwhile = undefined;
    });
    return this.#rewriting;
  }

  async close(): Promise<void> {
    await this.#rewriting?.catch(() => undefined);
    await this.#enqueue(() => this.#file.close());
  }

  async #rewrite(lines: Iterable<string>): Promise<void> {
    this.#meanwhile = [];
    const path = newFileOf(this.#path);
    const file = await open(path, 'w', 0o600);
    try {
      const written = await writeAll(file, lines);
      await this.#enqueue(() => this.#replace(file, path, written));
    } catch (error) {
      await file.close();
      await unlink(path);
      throw error;
    }
  }

  async #replace(file: FileHandle, path: string, written: Written): Promise<void> {
    if (!this.#meanwhile) throw new Error('The file was cleared while it was written anew');
    const rest = await writeAll(file, this.#meanwhile, written.bytes);
    await file.sync();
    await rename(path, this.#path);
    await syncFolder(dirname(this.#path));
    const old = this.#file;
    this.#file = file;
    this.#end = written.bytes + rest.bytes;
    this.#lineCount = written.lines + rest.lines;
    await old.close();
  }

  async #write(): Promise<void> {
    const lines = this.#lines;
    const bytes = Buffer.from(lines.join(''));
    this.#lines = [];
    this.#nextWrite = undefined;
    await writeBytes(this.#file, bytes, this.#end);
    // Only now: after a failed write the next one starts at the same place, over the torn line.
    this.#end += bytes.length;
    this.#lineCount += lines.length;
    this.#meanwhile?.push(...lines);
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Where a file is written anew. One that a crash has left behind is of no use. */
export function newFileOf(path: string): string {
  return `${path}.new`;
}

interface Written {
  readonly bytes: number;
  readonly lines: number;
}

async function writeAll(file: FileHandle, lines: Iterable<string>, start = 0): Promise<Written> {
  let [chunk, end, count] = ['', start, 0];
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(chunk);
    chunk = '';
    await writeBytes(file, bytes, end);
    end += bytes.length;
  };
  for (const line of lines) {
    chunk += line;
    count++;
    if (chunk.length >= CHUNK_LENGTH) await flush();
  }
  await flush();
  return { bytes: end - start, lines: count };
}

async function writeBytes(file: FileHandle, bytes: Buffer, start: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const result = await file.write(bytes, written, bytes.length - written, start + written);
    written += result.bytesWritten;
  }
}

/** So that the new name survives a loss of power; not every system can. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
