/** Returns the bytes of the character that begins with a byte. */
export function sizeOf(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/** Returns the code point of the character at `at`. */
export function codeAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return first;
  const second = (bytes[at + 1] ?? 0) & 0x3f;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  const third = (bytes[at + 2] ?? 0) & 0x3f;
  if (first < 0xf0) return ((first & 0x0f) << 12) | (second << 6) | third;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | ((bytes[at + 3] ?? 0) & 0x3f);
}

/** Writes a character. Returns its end. */
export function writeCode(bytes: Uint8Array, at: number, code: number): number {
  let to = at;
  if (code < 0x80) bytes[to++] = code;
  else if (code < 0x8_00) bytes[to++] = 0xc0 | (code >> 6);
  else if (code < 0x1_00_00) {
    bytes[to++] = 0xe0 | (code >> 12);
    bytes[to++] = 0x80 | ((code >> 6) & 0x3f);
  } else {
    bytes[to++] = 0xf0 | (code >> 18);
    bytes[to++] = 0x80 | ((code >> 12) & 0x3f);
    bytes[to++] = 0x80 | ((code >> 6) & 0x3f);
  }
  if (code >= 0x80) bytes[to++] = 0x80 | (code & 0x3f);
  return to;
}

/** Returns false if a text has a lone surrogate, which has no UTF-8. Every Node.js from 20 on has this method, TypeScript's library of ES2023 has not. */
export function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}
