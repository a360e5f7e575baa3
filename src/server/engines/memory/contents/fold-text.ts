/** Kinds of bytes in UTF-8. */
const [PLAIN, CAPITAL, SPACE, BEYOND_ASCII] = [0, 1, 2, 3];

const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) return SPACE;
  if (byte >= 0x41 && byte <= 0x5a) return CAPITAL;
  return byte < 0x80 ? PLAIN : BEYOND_ASCII;
});

/**
 * Does what `toSearchable()` and `editsOf()` do in one pass over bytes, for characters whose form is known by a glance at them. `bytes` has
 * the UTF-8 of `text` from `start` to `end`; the searchable form is written over it. What undoes it is added to `edits`.
 *
 * Returns the end of the searchable form; -1 if there are other characters. The bytes from `start` on are then of no use.
 */
export function foldText(
  bytes: Uint8Array,
  start: number,
  end: number,
  text: string,
  edits: (number | string)[],
): number {
  // `beyond` counts the bytes read that UTF-16 does not have. `last` is the UTF-16 index after the last edit.
  let [from, to, beyond, last] = [start, start, 0, 0];
  while (from < end) {
    const byte = bytes[from] ?? 0;
    const kind = KINDS[byte];
    if (kind === PLAIN || (byte === 0x20 && !isSpace(bytes, from + 1, end))) {
      bytes[to++] = byte;
      from++;
      continue;
    }
    const size = kind === BEYOND_ASCII ? stableSize(bytes, from) : 0;
    if (size > 0) {
      beyond += size === 2 ? 1 : 2;
      for (const next = from + size; from < next; from++) bytes[to++] = bytes[from] ?? 0;
      continue;
    }
    const place = to - start - beyond;
    edits.push(place - last);
    last = place + 1;
    if (kind === SPACE) {
      const first = from - start - beyond;
      while (isSpace(bytes, from, end)) from++;
      edits.push(text.slice(first, from - start - beyond));
      bytes[to++] = 0x20;
    } else if (kind === CAPITAL) {
      bytes[to++] = byte + 0x20;
      from++;
    } else if (isLatinCapital(bytes, from)) {
      bytes[to++] = byte;
      bytes[to++] = (bytes[from + 1] ?? 0) + 0x20;
      from += 2;
      beyond++;
    } else return -1;
  }
  return to;
}

function isSpace(bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && KINDS[bytes[at] ?? 0] === SPACE;
}

/** Returns true for U+00C0 to U+00DE without the multiplication sign. Their lower case is 0x20 further on. */
function isLatinCapital(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1] ?? 0;
  return bytes[at] === 0xc3 && second >= 0x80 && second <= 0x9e && second !== 0x97;
}

/**
 * Returns the bytes of a character that has no lower case, is no white space, and is the same in Unicode normalization form C whatever
 * precedes it; 0 for any other, and for some of these.
 */
function stableSize(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
  // U+00A1 to U+00BF, and U+00DF to U+00FF with the multiplication sign.
  if (first === 0xc2) return second > 0xa0 ? 2 : 0;
  if (first === 0xc3) return second >= 0x9f || second === 0x97 ? 2 : 0;
  // U+200B to U+2027: dashes, quotation marks, bullets, ellipsis.
  if (first === 0xe2) return second === 0x80 && third >= 0x8b && third <= 0xa7 ? 3 : 0;
  // U+4000 to U+9FFF: Chinese characters. Those of U+3000 to U+3FFF include white space and marks.
  if (first >= 0xe4 && first <= 0xe9) return 3;
  // U+1F000 to U+1FFFF: emoji. U+FE0F, which follows many of them.
  if (first === 0xf0) return second === 0x9f ? 4 : 0;
  return first === 0xef && second === 0xb8 && third === 0x8f ? 3 : 0;
}
