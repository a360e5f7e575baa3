import { fnv1a } from '../../common/fnv1a.js';

/**
 * Returns whether a key belongs to the sample. Deterministic: the same key and ratio give the same result in every process. A key that is
 * sampled at one ratio is sampled at every higher ratio.
 */
export function isSampled(key: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  return mix(fnv1a(key)) / 2 ** 32 < ratio;
}

/** Returns the sampling key of a call: the user, else the thread, else the trace. */
export function samplingKey(
  identity: { readonly userId: string; readonly threadId?: string; readonly anonymous: boolean },
  traceId: string,
): string {
  return identity.anonymous ? (identity.threadId ?? traceId) : identity.userId;
}

/** Finalizer of MurmurHash3. FNV-1a alone gives neighbouring values to ids that differ in their last digit. */
function mix(hash: number): number {
  let value = hash;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
