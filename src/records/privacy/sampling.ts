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

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** MurmurHash3's last step: FNV alone leaves ids that differ in their last digit side by side. */
function mix(hash: number): number {
  let value = hash;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
