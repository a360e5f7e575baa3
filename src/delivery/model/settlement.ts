import type { SpoolStats } from './spool.js';

/** Why an entry was lost. The list is closed: whoever shows or counts drops can name them all. */
export const DROP_REASONS = [
  /** The queue was full and this was the oldest entry in it. */
  'queue_overflow',
  /** Larger than a batch may be, or refused alone with 413. */
  'too_large',
  /** The destination refused this very entry (400, 422). */
  'invalid',
  /** The destination gave an answer that a repetition does not change (404, 501 …). */
  'http_error',
  /** The destination redirected: following would carry the key and the content to another place. */
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
  /** The spool no longer has it: its file is damaged or was taken away. */
  'spool_lost',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** What became of an accepted entry. A spooled one survives the process and is delivered later, by this process or another. */
export type Settlement = FinalSettlement | { readonly status: 'spooled' };

export type FinalSettlement =
  { readonly status: 'delivered' } | { readonly status: 'dropped'; readonly reason: DropReason };

/** `open`: sends freely. `backing-off`: waits after a failure. `probing`: one batch tries. `parked`: the key was refused. */
export type BreakerState = 'sending' | 'backing-off' | 'probing' | 'unauthorized';

/**
 * At every moment `delivered + spooled + queued + inFlight + (sum of dropped) === accepted`. An entry is in one place: a spooled
 * one that is delivered moves from `spooled` to `delivered`.
 */
export interface DeliveryStats {
  readonly destination: string;
  readonly state: BreakerState | 'shut-down';
  /** Everything ever handed to `accept()`, and what was taken over from the spool of a process that has ended. */
  readonly accepted: number;
  /** In memory alone, waiting. */
  readonly queued: number;
  /** In memory alone, in a request. */
  readonly inFlight: number;
  readonly delivered: number;
  /** In the spool, waiting or in a request. */
  readonly spooled: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** UTF-8 bytes of what is queued or in flight. */
  readonly queuedBytes: number;
  /** With a spool. */
  readonly spool?: SpoolStats;
  /** The last failure, in a few words: a status or an error code, never content. */
  readonly lastError?: string;
}
