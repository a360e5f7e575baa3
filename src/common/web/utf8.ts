/** Holds a typical record of about 1 kB in one step. `encodeInto` is several times faster than a loop over code units. */
const scratch = new Uint8Array(16_384);
let encoder: InstanceType<typeof TextEncoder> | undefined;

/** Returns the length of a text in UTF-8 bytes. A lone surrogate counts as the U+FFFD by which it is replaced. */
export function utf8Length(text: string): number {
  const found = findEncoder();
  if (!found) return encodeByHand(text).length;
  let bytes = 0;
  let rest = text;
  while (rest.length > 0) {
    const { read, written } = found.encodeInto(rest, scratch);
    bytes += written;
    rest = rest.slice(read);
  }
  return bytes;
}

/** Returns a text in UTF-8. A lone surrogate is replaced by U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return findEncoder()?.encode(text) ?? Uint8Array.from(encodeByHand(text));
}

/** Not when the module is loaded: jsdom, as the environment of Jest, has no `TextEncoder`, and the package could not be imported. */
function findEncoder(): InstanceType<typeof TextEncoder> | undefined {
  encoder ??= typeof TextEncoder === 'undefined' ? undefined : new TextEncoder();
  return encoder;
}

function encodeByHand(text: string): number[] {
  const escaped = encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\u{fffd}'));
  return Array.from(escaped.matchAll(/%(..)|./g), ([character, hex]) =>
    hex === undefined ? character.charCodeAt(0) : Number.parseInt(hex, 16),
  );
}
