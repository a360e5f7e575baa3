import type { CountWriter } from './text-edits.js';
import { allocateViewed, type ViewedBytes } from './viewed-bytes.js';

/** Place of a text: the number of its chunk in the upper 16 bits, its number within the chunk in the lower ones. */
export type Place = number;

interface Chunk extends ViewedBytes {
  readonly number: number;
  /** Start of each text; the end is the start of the next, or `used`. */
  readonly starts: number[];
  /** Owner of each text; 0 if it was removed. */
  readonly owners: number[];
  used: number;
  live: number;
}

/** Bytes where a text can be written. */
export interface OpenText extends ViewedBytes {
  readonly used: number;
}

export interface ByteChunksOptions {
  /** Bytes of a chunk. A longer text gets a chunk of its own. Default 2 MB. */
  readonly chunkBytes?: number;
  /** Called when a text was moved to another place. */
  readonly onMove: (owner: number, place: Place) => void;
}

const DEFAULT_CHUNK_BYTES = 2 * 1024 * 1024;
const MAX_TEXTS = 0xff_ff;
/** Bytes of a UTF-16 code unit in UTF-8, at most. */
const MAX_UNIT_BYTES = 3;
/** Ends each text. No byte of UTF-8 has this value, so that nothing is found across two texts. */
const END = 0xff;

/**
 * Texts as UTF-8 in large buffers, which are outside of the JavaScript heap: half the memory of strings, nothing for the garbage collector
 * to visit, and a search over all of them is one native call for each match (test/bench/server-answers.mjs).
 *
 * Removed texts leave holes. Once holes are more than half of what is live, and a chunk, the emptiest chunks are copied.
 */
export class ByteChunks {
  readonly #chunkBytes: number;
  readonly #onMove: ByteChunksOptions['onMove'];
  #chunks: (Chunk | undefined)[] = [];
  #free: number[] = [];
  #current: Chunk | undefined;
  #live = 0;
  #used = 0;

  constructor({ chunkBytes = DEFAULT_CHUNK_BYTES, onMove }: ByteChunksOptions) {
    this.#chunkBytes = chunkBytes;
    this.#onMove = onMove;
  }

  /** Bytes of the buffers. */
  get capacity(): number {
    return this.#chunks.reduce((sum, chunk) => sum + (chunk?.bytes.length ?? 0), 0);
  }

  /** Adds the text of an owner, which is a number above 0, after counts. */
  add(owner: number, text: string, counts?: CountWriter, moreCounts?: CountWriter): Place {
    const others = (counts?.end ?? 0) + (moreCounts?.end ?? 0);
    const current = this.#current;
    // Most texts fit whatever their characters are, so that they need not be measured.
    const isShort = current !== undefined && hasRoom(current, MAX_UNIT_BYTES * text.length + others);
    const chunk = isShort ? current : this.#roomFor(Buffer.byteLength(text) + others);
    let end = chunk.used;
    if (counts) end = counts.copyTo(chunk.bytes, end);
    if (moreCounts) end = moreCounts.copyTo(chunk.bytes, end);
    return this.#close(chunk, owner, end + chunk.bytes.write(text, end));
  }

  /** Adds two texts of an owner as one, with a byte between them. */
  addTwo(owner: number, first: string, between: number, second: string): Place {
    const longest = MAX_UNIT_BYTES * (first.length + second.length) + 1;
    const current = this.#current;
    const isShort = current !== undefined && hasRoom(current, longest);
    const chunk = isShort ? current : this.#roomFor(Buffer.byteLength(first) + Buffer.byteLength(second) + 1);
    const { bytes, used } = chunk;
    const end = used + bytes.write(first, used);
    bytes[end] = between;
    return this.#close(chunk, owner, end + 1 + bytes.write(second, end + 1));
  }

  /** Adds a text that is UTF-8 already. */
  addBytes(owner: number, text: Buffer): Place {
    return this.#copy(owner, text, 0, text.length);
  }

  /** Returns where the next text can be written, from `used` on, while there is room. Nothing else may be added before `close()`. */
  open(): OpenText {
    return this.#roomFor(0);
  }

  /** Adds the text that was written, up to `end`, to what `open()` returned. A byte more must be left there. */
  close(owner: number, end: number): Place {
    return this.#close(this.#roomFor(0), owner, end);
  }

  read(place: Place): string {
    const [chunk, index] = this.#at(place);
    return chunk.bytes.toString('utf8', chunk.starts[index], endOf(chunk, index));
  }

  /** Returns the bytes of a text, not copied: valid until the next change. */
  bytesAt(place: Place): Buffer {
    const [chunk, index] = this.#at(place);
    return chunk.bytes.subarray(chunk.starts[index], endOf(chunk, index));
  }

  remove(place: Place): void {
    const [chunk, index] = this.#at(place);
    const size = endOf(chunk, index) + 1 - (chunk.starts[index] ?? 0);
    chunk.owners[index] = 0;
    chunk.live -= size;
    this.#live -= size;
    if (chunk.live === 0) this.#giveBack(chunk);
    while (this.#used - this.#live > Math.max(this.#chunkBytes, this.#live / 2) && this.#closeUp());
  }

  clear(): void {
    this.#chunks = [];
    this.#free = [];
    this.#current = undefined;
    this.#live = 0;
    this.#used = 0;
  }

  /**
   * Calls `onMatch` for each text in which `needle` occurs, at most once for each, with the bytes that it lies in, and the place after the
   * first match. `needle` is UTF-8 and not empty.
   */
  find(needle: Buffer, onMatch: (owner: number, bytes: Buffer, end: number) => void): void {
    for (const chunk of this.#chunks) {
      if (!chunk) continue;
      const bytes = chunk.bytes.subarray(0, chunk.used);
      let index = 0;
      for (let at = bytes.indexOf(needle); at !== -1;) {
        index = indexAt(chunk.starts, at, index);
        const owner = chunk.owners[index] ?? 0;
        if (owner !== 0) onMatch(owner, bytes, at + needle.length);
        at = bytes.indexOf(needle, endOf(chunk, index) + 1);
      }
    }
  }

  #at(place: Place): [Chunk, number] {
    const chunk = this.#chunks[place >>> 16];
    if (!chunk) throw new RangeError(`No chunk at ${place}`);
    return [chunk, place & 0xff_ff];
  }

  /** Returns the chunk of the next text, which has so many bytes. */
  #roomFor(size: number): Chunk {
    const current = this.#current;
    if (current && hasRoom(current, size)) return current;
    const number = this.#free.pop() ?? this.#chunks.length;
    // One byte more for the end.
    const viewed = allocateViewed(Math.max(this.#chunkBytes, size + 1));
    const chunk: Chunk = { ...viewed, number, starts: [], owners: [], used: 0, live: 0 };
    this.#chunks[number] = chunk;
    this.#current = chunk;
    if (current?.live === 0) this.#drop(current);
    return chunk;
  }

  #close(chunk: Chunk, owner: number, end: number): Place {
    const start = chunk.used;
    chunk.bytes[end] = END;
    chunk.starts.push(start);
    chunk.used = end + 1;
    chunk.live += chunk.used - start;
    this.#live += chunk.used - start;
    this.#used += chunk.used - start;
    return chunk.number * 0x1_00_00 + chunk.owners.push(owner) - 1;
  }

  /** A chunk has nothing live any more. The one that is being filled is filled anew. */
  #giveBack(chunk: Chunk): void {
    if (chunk !== this.#current) {
      this.#drop(chunk);
      return;
    }
    this.#used -= chunk.used;
    chunk.used = 0;
    chunk.starts.length = 0;
    chunk.owners.length = 0;
  }

  #drop({ number, used }: Chunk): void {
    this.#used -= used;
    this.#chunks[number] = undefined;
    this.#free.push(number);
  }

  /** Copies what is live in the chunk with the largest holes. Returns false if there is nothing to gain. */
  #closeUp(): boolean {
    let emptiest: Chunk | undefined;
    for (const chunk of this.#chunks)
      if (chunk && chunk !== this.#current && holesOf(chunk) > holesOf(emptiest)) emptiest = chunk;
    if (!emptiest) return false;
    const { bytes, owners, starts, live } = emptiest;
    for (const [index, owner] of owners.entries())
      if (owner !== 0)
        this.#onMove(owner, this.#copy(owner, bytes, starts[index] ?? 0, endOf(emptiest, index)));
    this.#live -= live;
    this.#drop(emptiest);
    return true;
  }

  #copy(owner: number, from: Buffer, start: number, end: number): Place {
    const chunk = this.#roomFor(end - start);
    from.copy(chunk.bytes, chunk.used, start, end);
    return this.#close(chunk, owner, chunk.used + end - start);
  }
}

/** Returns true if a text of so many bytes fits, and the byte that ends it. */
function hasRoom({ bytes, owners, used }: Chunk, size: number): boolean {
  return owners.length < MAX_TEXTS && used + size < bytes.length;
}

function holesOf(chunk: Chunk | undefined): number {
  return chunk ? chunk.used - chunk.live : 0;
}

function endOf({ starts, used }: Chunk, index: number): number {
  return (starts[index + 1] ?? used) - 1;
}

/** Returns the last index whose start is not after `at`. It is not before `from`. */
function indexAt(starts: readonly number[], at: number, from: number): number {
  // Matches are near each other if they are many.
  if ((starts[from + 1] ?? Infinity) > at) return from;
  let [low, high] = [from, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
