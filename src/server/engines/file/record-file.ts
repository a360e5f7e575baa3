import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Characters per write during a rewrite: small enough not to block the event loop noticeably. */
const CHUNK_LENGTH = 256 * 1024;

/**
 * A file of lines to which one process appends. It can be rewritten shorter while appends go on.
 *
 * All writes run one after the other. Appends that wait for the same write share it. A rewrite copies lines to `<file>.new`, then the
 * lines appended meanwhile, and renames it over the file: if it is interrupted at any time, the old file is complete.
 */
export class RecordFile {
  readonly name: string;
  readonly #path: string;
  #file: FileHandle;
  #end: number;
  #lineCount: number;
  /** The last write of the queue; the next one starts after it. */
  #lastWrite: Promise<unknown> = Promise.resolve();
  /** Lines of the next write, so that many small requests make few writes. */
  #pendingLines: string[] = [];
  #nextWrite: Promise<void> | undefined;
  #activeRewrite: Promise<void> | undefined;
  /** True if a failed write may have left bytes after the end. */
  #isTorn = false;
  #nextRewrite: Promise<void> | undefined;
  /** Lines appended since the rewrite began; undefined without a rewrite. They go to the end of the new file. */
  #appendedMeanwhile: string[] | undefined;

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
    return this.#activeRewrite !== undefined;
  }

  /** Resolves when the operating system has the lines: they survive a crash of this process, not of the machine. */
  append(lines: readonly string[]): Promise<void> {
    this.#pendingLines.push(...lines);
    this.#nextWrite ??= this.#enqueue(() => this.#write());
    return this.#nextWrite;
  }

  /** Replaces the file by these lines and the lines that are appended meanwhile. */
  rewrite(lines: Iterable<string>): Promise<void> {
    this.#activeRewrite ??= this.#rewrite(lines).finally(() => {
      this.#activeRewrite = undefined;
      this.#appendedMeanwhile = undefined;
    });
    return this.#activeRewrite;
  }

  /** Like `rewrite`, with lines that are read after this call, also if a rewrite is in progress. Calls that wait for it share the next. */
  rewriteAnew(lines: () => Iterable<string>): Promise<void> {
    this.#nextRewrite ??= this.#afterRewrite().then(() => {
      this.#nextRewrite = undefined;
      return this.rewrite(lines());
    });
    return this.#nextRewrite;
  }

  async close(): Promise<void> {
    await this.#nextRewrite?.catch(() => undefined);
    await this.#afterRewrite();
    await this.#enqueue(async () => {
      await this.#cutOffTorn();
      await this.#file.close();
    });
  }

  async #afterRewrite(): Promise<void> {
    await this.#activeRewrite?.catch(() => undefined);
  }

  async #rewrite(lines: Iterable<string>): Promise<void> {
    this.#appendedMeanwhile = [];
    const path = rewritePathOf(this.#path);
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
    const rest = await writeAll(file, this.#appendedMeanwhile ?? [], written.bytes);
    await file.sync();
    await rename(path, this.#path);
    await syncFolder(dirname(this.#path));
    const old = this.#file;
    this.#file = file;
    this.#end = written.bytes + rest.bytes;
    this.#lineCount = written.lines + rest.lines;
    // The new file has taken its place: an error here is none of the rewrite.
    await old.close().catch(() => undefined);
  }

  async #write(): Promise<void> {
    const lines = this.#pendingLines;
    const bytes = Buffer.from(lines.join(''));
    this.#pendingLines = [];
    this.#nextWrite = undefined;
    try {
      await writeBytes(this.#file, bytes, this.#end);
    } catch (error) {
      // The senders are told that nothing was stored: after a restart, no whole line of it may be found.
      this.#isTorn = true;
      await this.#cutOffTorn();
      throw error;
    }
    this.#isTorn = false;
    this.#end += bytes.length;
    this.#lineCount += lines.length;
    this.#appendedMeanwhile?.push(...lines);
  }

  async #cutOffTorn(): Promise<void> {
    if (!this.#isTorn) return;
    await this.#file.truncate(this.#end).then(
      () => (this.#isTorn = false),
      () => undefined,
    );
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastWrite.then(work);
    this.#lastWrite = result.catch(() => undefined);
    return result;
  }
}

/** Returns where a file is rewritten. A file left there by a crash is of no use. */
export function rewritePathOf(path: string): string {
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

/** Makes the rename survive a loss of power, where the system supports it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
