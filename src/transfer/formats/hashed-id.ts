import { createHash } from 'node:crypto';

/** Returns 48 bits of a hash: a number, which takes less memory than the id. Two of a million ids meet with a probability of 0.2 %. */
export function hashedId(id: string): number {
  return createHash('sha256').update(id).digest().readUIntBE(0, 6);
}
