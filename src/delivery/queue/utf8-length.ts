const encoder = new TextEncoder();
// Several times faster than counting in a loop; one kilobyte, a typical record, fits at once.
const scratch = new Uint8Array(16_384);

/** The length of a text in UTF-8 bytes. A lone surrogate counts as the U+FFFD that it becomes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let rest = text; ;) {
    const { read, written } = encoder.encodeInto(rest, scratch);
    bytes += written;
    if (read >= rest.length) return bytes;
    rest = rest.slice(read);
  }
}
