import type { SpoolItem } from '../../delivery/model/spool.js';
import { ERASED, fromLine } from './line.js';
import { openSafely } from './safe-files.js';

const READ_CHUNK_BYTES = 1_000_000;
const NEWLINE = 0x0a;

/** Reads the lines of one file in order, about a megabyte at a time, and keeps those that were not taken in memory. */
export class ReadAhead {
  readonly #path: string;
  /** Position of the next line to take. */
  #offset = 0;
  /** `item` is undefined if the entry was erased. */
  #lines: { readonly item: SpoolItem | undefined; readonly lineBytes: number }[] = [];
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Lines in memory. */
  get count(): number {
    return this.#lines.length;
  }

  /** Bytes of the entries in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Skips the lines before a position. Only for a file of which nothing was read. */
  skipTo(offset: number): void {
    this.#offset = offset;
  }

  /** Keeps the line that follows the last one in memory, so that it need not be read back. */
  push(item: SpoolItem | undefined, lineBytes: number): void {
    this.#lines.push({ item, lineBytes });
    this.#bytes += item?.bytes ?? 0;
  }

  /** Takes the next lines from memory: at most `maxItems`, and at most `maxBytes` unless the first alone has more. */
  take(maxItems: number, maxBytes: number): (SpoolItem | undefined)[] {
    const items: (SpoolItem | undefined)[] = [];
    let bytes = 0;
    for (const { item, lineBytes } of this.#lines) {
      if (items.length >= maxItems || (items.length > 0 && bytes + (item?.bytes ?? 0) > maxBytes)) break;
      items.push(item);
      bytes += item?.bytes ?? 0;
      this.#offset += lineBytes;
    }
    this.#lines.splice(0, items.length);
    this.#bytes -= bytes;
    return items;
  }

  clear(): void {
    this.#lines = [];
    this.#bytes = 0;
  }

  /**
   * Reads the next lines when none is left in memory. Returns the number of damaged lines that were skipped before the first good
   * one.
   *
   * @throws the error of the file system, or an Error if the file has no further line.
   */
  async fill(maxLines: number): Promise<number> {
    const lines = await readLines(this.#path, this.#offset, maxLines);
    if (lines.length === 0) throw new Error('the file is shorter than it was');
    let damaged = 0;
    for (const { text, lineBytes } of lines) {
      const item = fromLine(text);
      if (item) {
        this.push(item === ERASED ? undefined : item, lineBytes);
      } else if (this.#lines.length === 0) {
        damaged++;
        this.#offset += lineBytes;
      } else {
        // The next call reads it again, as its first line.
        break;
      }
    }
    return damaged;
  }
}

interface Line {
  /** Without the line break. */
  readonly text: string;
  /** With the line break. */
  readonly lineBytes: number;
}

/** Reads whole lines from `offset` on: at least one if there is one, at most `maxLines`. */
async function readLines(path: string, offset: number, maxLines: number): Promise<Line[]> {
  const file = await openSafely(path, 'read');
  try {
    let unread = Buffer.alloc(0);
    let position = offset;
    for (;;) {
      const chunk = Buffer.allocUnsafe(READ_CHUNK_BYTES);
      const { bytesRead } = await file.read(chunk, 0, READ_CHUNK_BYTES, position);
      position += bytesRead;
      unread = Buffer.concat([unread, chunk.subarray(0, bytesRead)]);
      const lines = splitLines(unread, maxLines);
      if (lines.length > 0 || bytesRead === 0) return lines;
    }
  } finally {
    await file.close();
  }
}

function splitLines(data: Buffer, maxLines: number): Line[] {
  const lines: Line[] = [];
  let start = 0;
  let end = data.indexOf(NEWLINE);
  while (end !== -1 && lines.length < maxLines) {
    lines.push({ text: data.toString('utf8', start, end), lineBytes: end + 1 - start });
    start = end + 1;
    end = data.indexOf(NEWLINE, start);
  }
  return lines;
}
