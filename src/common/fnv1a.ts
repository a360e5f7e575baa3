/** Hash of an empty text. */
const OFFSET_BASIS = 0x811c9dc5;

/**
 * Returns the FNV-1a hash of a text, or of a part of it, 32 bits without sign: quick, and no protection against collisions made on purpose.
 * `before` is the hash of what stands in front of the part.
 */
export function fnv1a(text: string, from = 0, to = text.length, before = OFFSET_BASIS): number {
  let value = before;
  for (let at = from; at < to; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
