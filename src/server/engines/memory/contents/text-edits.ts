/**
 * Edits turn the searchable form of a text, in UTF-8, into the text. They are bytes: places in the searchable form, each as the number of
 * bytes since the place before. The character there becomes a capital. If it is a space, it becomes white space, which follows: the number
 * of its UTF-16 code units, and each of them.
 *
 * All numbers are counts as `writeCount` writes them: no byte of them is one of ASCII, so that they can stand before JSON that is searched.
 */

/** A count is written in base 29, the lowest digit first, as bytes from 0xe0 to 0xfc; what is left, below 96, as one from 0x80. */
const [LAST, LAST_LIMIT, MORE, BASE] = [0x80, 0x60, 0xe0, 29];
/** Most bytes of a count. */
const COUNT_BYTES = 12;

const FIRST_BYTES = 1024;
/** Above, a native copy takes less time than a loop. */
const LONG_BYTES = 200;

/** Writes a count where there is room for it. Returns its end. */
export function writeCount(bytes: Uint8Array, at: number, count: number): number {
  if (count < LAST_LIMIT) {
    bytes[at] = LAST + count;
    return at + 1;
  }
  let [end, rest] = [at, count];
  for (; rest >= LAST_LIMIT; rest = Math.floor(rest / BASE)) bytes[end++] = MORE + (rest % BASE);
  bytes[end++] = LAST + rest;
  return end;
}

/** Counts one after the other. */
export class CountWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** May be set back, or forward to what was written to reserved bytes. */
  end = 0;

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.end);
  }

  add(count: number): void {
    this.end = writeCount(this.reserve(COUNT_BYTES), this.end, count);
  }

  /** Copies all counts to `at`. Returns their end. */
  copyTo(target: Uint8Array, at: number): number {
    if (this.end > LONG_BYTES) target.set(this.bytes, at);
    else for (let from = 0; from < this.end; from++) target[at + from] = this.#bytes[from] as number;
    return at + this.end;
  }

  /** Returns bytes with room for so many more from `end` on. */
  reserve(count: number): Uint8Array {
    if (this.end + count > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (this.end + count));
      this.#bytes.copy(larger, 0, 0, this.end);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

/** Reads what a {@link CountWriter} wrote, from `at` to before `end`. */
export class CountReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  next(): number {
    let [count, weight] = [0, 1];
    for (;;) {
      const byte = this.bytes[this.at++] ?? LAST;
      if (byte < MORE) return count + (byte - LAST) * weight;
      count += (byte - MORE) * weight;
      weight *= BASE;
    }
  }
}
