import { CAPITAL, classOf, STABLE, WHITE_SPACE } from './character-class.js';
import { writeCount, type CountWriter } from './text-edits.js';
import { codeAt, sizeOf, writeCode } from './utf-8.js';

/** Kinds of bytes in UTF-8. */
const [PLAIN, ASCII_CAPITAL, SPACE, BEYOND_ASCII] = [0, 1, 2, 3];

const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) return SPACE;
  if (byte >= 0x41 && byte <= 0x5a) return ASCII_CAPITAL;
  return byte < 0x80 ? PLAIN : BEYOND_ASCII;
});

/**
 * Does what `toSearchable()` does, over bytes: `bytes` has a text in UTF-8 from `start` to `end`, and room for one byte more; the searchable
 * form is written over it. What undoes it is added to `edits`.
 *
 * Returns the end of the searchable form; -1 if there are characters whose form depends on their neighbours. The bytes from `start` on are
 * then of no use, and no edits were added.
 *
 * A third of what a put takes is in this loop (`npm run bench engines`): what is frequent comes first, and calls nothing.
 */
export function foldText(bytes: Uint8Array, start: number, end: number, edits: CountWriter): number {
  const counts = edits.reserve(editBytes(end - start));
  // `last` is the end of the last character that was edited.
  let [from, to, last, count] = [start, start, start, edits.end];
  // So that the byte after a space need not be compared with the end.
  bytes[end] = 0;
  while (from < end) {
    const byte = bytes[from] as number;
    const kind = KINDS[byte];
    if (kind === PLAIN || (byte === 0x20 && (KINDS[bytes[from + 1] as number] as number) < SPACE)) {
      bytes[to++] = byte;
      from++;
      continue;
    }
    if (kind === ASCII_CAPITAL) {
      count = writeCount(counts, count, to - last);
      bytes[to++] = byte + 0x20;
      from++;
      last = to;
      continue;
    }
    if (kind === SPACE) {
      let next = from + 1;
      while (KINDS[bytes[next] as number] === SPACE) next++;
      if (KINDS[bytes[next] as number] !== BEYOND_ASCII) {
        count = writeCount(counts, count, to - last);
        count = writeCount(counts, count, next - from);
        for (; from < next; from++) count = writeCount(counts, count, bytes[from] as number);
        bytes[to++] = 0x20;
        last = to;
        continue;
      }
    }
    const space = kind === SPACE || kind === BEYOND_ASCII ? endOfSpace(bytes, from) : from;
    const code = kind === BEYOND_ASCII && space === from ? codeAt(bytes, from) : 0;
    const kindOfCode = code === 0 ? WHITE_SPACE : classOf(code);
    if (kindOfCode === STABLE || (byte === 0x20 && space === from + 1)) {
      for (const next = from + sizeOf(byte); from < next; from++) bytes[to++] = bytes[from] as number;
      continue;
    }
    if (kindOfCode !== WHITE_SPACE && kindOfCode !== CAPITAL) return -1;
    count = writeCount(counts, count, to - last);
    if (kindOfCode === CAPITAL) {
      to = writeCode(bytes, to, String.fromCharCode(code).toLowerCase().charCodeAt(0));
      from += sizeOf(byte);
    } else {
      count = writeSpace(counts, count, bytes, from, space);
      bytes[to++] = 0x20;
      from = space;
    }
    last = to;
  }
  edits.end = count;
  return to;
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
