/** The reasons for which an entry can be lost. The list is closed, so that drops can be shown and counted by reason. */
export const DROP_REASONS = [
  /** The queue was full and this was the oldest entry in it. */
  'queue_overflow',
  /** Larger than a batch may be, or refused alone with 413. */
  'too_large',
  /** The destination refused this entry (400, 422). */
  'invalid',
  /** The destination responded with a status that a retry does not change (404, 501 …). */
  'http_error',
  /** The destination redirected. A redirect is not followed, because it would carry the key and the content elsewhere. */
  'redirect',
  /** `encode` threw, or returned something that is not text. */
  'serialization_failed',
  /** `encode` returned `undefined`: the destination does not take such entries. */
  'unsupported',
  /** Not delivered within `maxAgeMs`. */
  'expired',
  /** Still undelivered when `shutdown()` ran out of time. */
  'shutdown_timeout',
  /** Offered after `shutdown()`. */
  'already_shutdown',
  /** The spool was full and this was among the oldest entries that waited in it. */
  'spool_full',
  /** Waited in the spool for longer than its `maxAgeMs`. */
  'spool_expired',
  /** No longer in the spool: its file is damaged or was removed. */
  'spool_lost',
  /** Somebody opted out after it was accepted and before it was sent. */
  'opted_out',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** The result for an accepted entry. A spooled entry survives the process; this process or a later one delivers it. */
export type Settlement = FinalSettlement | { readonly status: 'spooled' };

export type FinalSettlement =
  { readonly status: 'delivered' } | { readonly status: 'dropped'; readonly reason: DropReason };
