const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [OPENING_BRACKET, CLOSING_BRACKET, OPENING_BRACE, CLOSING_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
const [N, U] = [0x6e, 0x75];

/** Returns the end of the JSON value at `start`, which is an item of a list without white space. */
export function endOfValue(bytes: Uint8Array, start: number): number {
  let [at, depth] = [start, 0];
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === COMMA) {
      if (depth === 0) break;
    } else if (byte === OPENING_BRACKET || byte === OPENING_BRACE) depth++;
    else if (byte === CLOSING_BRACKET || byte === CLOSING_BRACE) {
      if (depth === 0) break;
      depth--;
    }
  }
  return at;
}

/** Returns true if a JSON value is null. */
export function isNull(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 4 && bytes[start] === N && bytes[start + 1] === U;
}

/** Returns the place of the closing quote. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  for (; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
  return at;
}
