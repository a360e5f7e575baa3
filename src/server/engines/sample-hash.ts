/** Returns the MurmurHash3 of an id, 32 bits without sign, as ClickHouse computes `murmurHash3_32`. */
export function sampleHash(id: string): number {
  const bytes = Buffer.from(id);
  const end = bytes.length - (bytes.length % 4);
  let hash = 0;
  for (let at = 0; at < end; at += 4) {
    hash ^= scrambled(bytes.readInt32LE(at));
    hash = (Math.imul(rotated(hash, 13), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= end; at--) rest = (rest << 8) | (bytes[at] ?? 0);
  if (end < bytes.length) hash ^= scrambled(rest);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled(block: number): number {
  return Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
