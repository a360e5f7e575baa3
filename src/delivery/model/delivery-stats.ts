import type { DropReason } from './settlement.js';
import type { SpoolStats } from './spool.js';

/**
 * The state of a breaker, which `delivery/sending/backoff-breaker.ts` decides. `sending`: requests start freely. `backing-off`: waits
 * after a failure. `probing`: one batch tests the destination. `unauthorized`: the destination refused the credentials; one batch tests
 * them each minute.
 */
export type BreakerState = 'sending' | 'backing-off' | 'probing' | 'unauthorized';

/**
 * The counters of one delivery. At any moment `delivered + spooled + queued + inFlight + (sum of dropped) === accepted`. Each entry
 * counts in one place: a spooled entry that is delivered moves from `spooled` to `delivered`.
 */
export interface DeliveryStats {
  readonly destination: string;
  readonly state: BreakerState | 'shut-down';
  /** Entries given to `accept()`, and entries claimed from the spools of processes that have ended. */
  readonly accepted: number;
  /** Entries that wait, in memory only. */
  readonly queued: number;
  /** Entries in a request, in memory only. */
  readonly inFlight: number;
  readonly delivered: number;
  /** Entries in the spool, waiting or in a request. */
  readonly spooled: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** UTF-8 bytes of the entries that are queued or in flight. */
  readonly queuedBytes: number;
  /** Present with a spool. */
  readonly spool?: SpoolStats;
  /** The last failure, in a few words: a status or an error code, never content. */
  readonly lastError?: string;
}
