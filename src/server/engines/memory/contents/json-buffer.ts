import type { CountReader } from './text-edits.js';
import { codeAt, sizeOf, writeCode } from './utf-8.js';

const FIRST_BYTES = 64 * 1024;
/** A larger buffer is dropped by `clear`. */
const MAX_KEPT_BYTES = 1024 * 1024;
/** A control character of one byte is written as six: `\u001f`. */
const MOST_PER_BYTE = 6;
/** Above, a native copy takes less time than a loop. */
const LONG_BYTES = 64;

const [SPACE, QUOTE, BACKSLASH] = [0x20, 0x22, 0x5c];

/** JSON escapes of the bytes that need one. */
const ESCAPES: readonly (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) =>
  byte < SPACE || byte === QUOTE || byte === BACKSLASH
    ? Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1))
    : undefined,
);
const IS_ESCAPED = Uint8Array.from(ESCAPES, (escape) => (escape ? 1 : 0));

/** JSON in UTF-8 that grows at its end. */
export class JsonBuffer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;

  /** Valid until the next change. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  get length(): number {
    return this.#end;
  }

  clear(): void {
    this.#end = 0;
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Adds bytes as they are. */
  add(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    const bytes = this.#bytes;
    let to = this.#end;
    if (end - start > LONG_BYTES) {
      bytes.set(source.subarray(start, end), to);
      to += end - start;
    } else for (let from = start; from < end; from++) bytes[to++] = source[from] ?? 0;
    this.#end = to;
  }

  addByte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#end++] = byte;
  }

  /** Adds a text as a JSON string: the searchable form from `start` to `end`, with its edits. Passes over the edits up to there. */
  addText(searchable: Uint8Array, start: number, end: number, edits: CountReader): void {
    // White space that edits make has no bytes in the searchable form.
    this.#reserve(MOST_PER_BYTE * (end - start + edits.end - edits.at + 1));
    this.#bytes[this.#end++] = QUOTE;
    let from = start;
    while (edits.at < edits.end) {
      const place = from + edits.next();
      if (place >= end) break;
      this.#addPlain(searchable, from, place);
      const byte = searchable[place] ?? 0;
      if (byte === SPACE) this.#addSpace(edits);
      else this.#addCapital(searchable, place);
      from = place + sizeOf(byte);
    }
    this.#addPlain(searchable, from, end);
    this.#bytes[this.#end++] = QUOTE;
  }

  #addPlain(source: Uint8Array, start: number, end: number): void {
    const bytes = this.#bytes;
    let to = this.#end;
    for (let from = start; from < end; from++) {
      const byte = source[from] ?? 0;
      if (IS_ESCAPED[byte] === 0) bytes[to++] = byte;
      else to = writeEscape(bytes, to, byte);
    }
    this.#end = to;
  }

  #addCapital(source: Uint8Array, place: number): void {
    const byte = source[place] ?? 0;
    if (byte < 0x80) this.#bytes[this.#end++] = byte - 0x20;
    else {
      const capital = String.fromCodePoint(codeAt(source, place)).toUpperCase();
      this.#end = writeCode(this.#bytes, this.#end, capital.codePointAt(0) ?? 0);
    }
  }

  #addSpace(edits: CountReader): void {
    const count = edits.next();
    for (let unit = 0; unit < count; unit++) {
      const code = edits.next();
      const isEscaped = code < 0x80 && IS_ESCAPED[code] === 1;
      this.#end = (isEscaped ? writeEscape : writeCode)(this.#bytes, this.#end, code);
    }
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#end + count));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** Writes a byte as JSON escapes it. Returns its end. */
function writeEscape(bytes: Uint8Array, at: number, byte: number): number {
  const escape = ESCAPES[byte];
  if (!escape) return at;
  bytes.set(escape, at);
  return at + escape.length;
}
