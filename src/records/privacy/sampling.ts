import { fnv1a } from '../../common/fnv1a.js';

/**
 * Whether somebody belongs to the sample: always the same answer for the same key and ratio, in every process, and whoever is in
 * at a ratio stays in at a higher one.
 */
export function isSampled(key: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  return ratio > 0 && mix(fnv1a(key)) / 2 ** 32 < ratio;
}

/** What decides: the user as a whole; without one the conversation, else the trace. */
export function samplingKey(
  identity: { readonly userId: string; readonly threadId?: string; readonly anonymous: boolean },
  traceId: string,
): string {
  return identity.anonymous ? (identity.threadId ?? traceId) : identity.userId;
}

/** MurmurHash3's last step: FNV alone leaves ids that differ in their last digit side by side. */
function mix(hash: number): number {
  let value = hash;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
