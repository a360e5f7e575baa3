import { CAPITAL, classOf, STABLE, WHITE_SPACE } from './character-class.js';
import { writeCount, type CountWriter } from './text-edits.js';
import { codeAt, sizeOf, writeCode } from './utf-8.js';
import type { ViewedBytes } from './viewed-bytes.js';

/** Kinds of bytes in UTF-8. */
const [PLAIN, SPACE, BEYOND_ASCII] = [0, 1, 2];

const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) return SPACE;
  return byte < 0x80 ? PLAIN : BEYOND_ASCII;
});

/** Bytes that source and target need beside those of the text: four are read and written at once. */
export const FOLD_MARGIN = 4;

/** The highest bit of each of four bytes. */
const HIGH_BITS = 0x80_80_80_80 | 0;
const LAST_HIGH_BIT = 0x80_00_00_00 | 0;

/**
 * Writes the searchable form of a text, as `toSearchable()` makes it, to `target` from `at` on. `source` has the text in UTF-8, from 0 to
 * `end`. Both are changed up to {@link FOLD_MARGIN} bytes after it. What undoes the form is added to `edits`.
 *
 * Returns the end of the searchable form; -1 if there are characters whose form depends on their neighbours. The bytes from `at` on are then
 * of no use, and no edits were added.
 *
 * A quarter of what a put takes is in this loop (`npm run bench engines`): what is frequent comes first, four bytes at once.
 */
export function foldText(
  source: ViewedBytes,
  end: number,
  target: ViewedBytes,
  at: number,
  edits: CountWriter,
): number {
  const [from, to] = [source.bytes, target.bytes];
  const counts = edits.reserve(editBytes(end));
  // `last` is the end of the last character that was edited.
  let [read, write, last, count] = [0, at, at, edits.end];
  // Zeros are control characters, which are special below: so the bytes that follow need not be compared with the end.
  source.view.setInt32(end, 0);
  for (;;) {
    const four = source.view.getInt32(read, true);
    // With the highest bit set, no difference borrows from the next byte.
    const high = four | HIGH_BITS;
    const spaces = ~(high - 0x21_21_21_21) & HIGH_BITS;
    const beyond = four & HIGH_BITS;
    const controls = ~(high - 0x20_20_20_20) & HIGH_BITS;
    // Bytes that cannot be copied, or only after a look at what follows.
    let special = beyond | controls | (spaces & ((spaces | beyond) >>> 8));
    if (spaces < 0 && (KINDS[from[read + 4] as number] as number) >= SPACE) special |= LAST_HIGH_BIT;
    let capitals = (four + 0x3f_3f_3f_3f) & ~(four + 0x25_25_25_25) & HIGH_BITS;
    if (special !== 0) capitals &= (special & -special) - 1;
    for (let rest = capitals; rest !== 0; rest &= rest - 1) {
      const place = write + (lowestBit(rest) >>> 3);
      count = writeCount(counts, count, place - last);
      last = place + 1;
    }
    // 0x80 becomes 0x20, which makes a small letter of a capital. What follows a special byte is written again.
    target.view.setInt32(write, four | (capitals >>> 2), true);
    if (special === 0) {
      read += 4;
      write += 4;
      continue;
    }
    read += lowestBit(special) >>> 3;
    write += lowestBit(special) >>> 3;
    if (read >= end) break;
    const byte = from[read] as number;
    const kind = KINDS[byte];
    if (kind === SPACE) {
      let next = read + 1;
      while (KINDS[from[next] as number] === SPACE) next++;
      if (KINDS[from[next] as number] !== BEYOND_ASCII) {
        if (next === read + 1 && byte === 0x20) {
          to[write++] = byte;
          read++;
          continue;
        }
        count = writeCount(counts, count, write - last);
        count = writeCount(counts, count, next - read);
        for (; read < next; read++) count = writeCount(counts, count, from[read] as number);
        to[write++] = 0x20;
        last = write;
        continue;
      }
    } else if (kind === PLAIN) {
      to[write++] = byte;
      read++;
      continue;
    }
    reached.read = read;
    reached.write = write;
    reached.last = last;
    reached.count = count;
    if (!foldBeyondAscii(from, to, counts)) return -1;
    ({ read, write, last, count } = reached);
  }
  edits.end = count;
  return write;
}

/** Position up to which a text is folded, while a character beyond ASCII, or white space before one, is handled. */
const reached = { read: 0, write: 0, last: 0, count: 0 };

/** Folds the character, or the white space, that was reached. Returns false if its form depends on its neighbours. */
function foldBeyondAscii(from: Uint8Array, to: Uint8Array, counts: Uint8Array): boolean {
  const { read, write, last, count } = reached;
  const byte = from[read] as number;
  const space = endOfSpace(from, read);
  const code = space === read ? codeAt(from, read) : 0;
  const kind = code === 0 ? WHITE_SPACE : classOf(code);
  if (kind === STABLE || (byte === 0x20 && space === read + 1)) {
    const size = sizeOf(byte);
    for (let i = 0; i < size; i++) to[write + i] = from[read + i] as number;
    reached.read += size;
    reached.write += size;
    return true;
  }
  if (kind !== WHITE_SPACE && kind !== CAPITAL) return false;
  const next = writeCount(counts, count, write - last);
  if (kind === CAPITAL) {
    reached.count = next;
    reached.write = writeCode(to, write, String.fromCharCode(code).toLowerCase().charCodeAt(0));
    reached.read += sizeOf(byte);
  } else {
    reached.count = writeSpace(counts, next, from, read, space);
    to[reached.write++] = 0x20;
    reached.read = space;
  }
  reached.last = reached.write;
  return true;
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Returns the most bytes that the edits of a text have. White space of one byte has three: its place, its length and itself. */
function editBytes(textBytes: number): number {
  return 3 * textBytes + 16;
}

function writeSpace(counts: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): number {
  let units = 0;
  for (let from = start; from < end; from += sizeOf(bytes[from] ?? 0)) units++;
  let count = writeCount(counts, at, units);
  for (let from = start; from < end; from += sizeOf(bytes[from] ?? 0))
    count = writeCount(counts, count, codeAt(bytes, from));
  return count;
}

/** Returns the end of the white space at `start`: `start` if there is none. It ends before a zero. */
function endOfSpace(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at] ?? 0;
    const kind = KINDS[byte];
    if (kind === SPACE) at++;
    else if (kind === BEYOND_ASCII && classOf(codeAt(bytes, at)) === WHITE_SPACE) at += sizeOf(byte);
    else return at;
  }
}
