import type { DeliveryStats } from '../delivery/model/delivery-stats.js';
import type { SkipReason } from './skip-reason.js';

/** Number of LLM calls and events so far, by outcome. */
export interface TrubricsStats {
  /** Calls, or turns, that became a prompt record. */
  readonly records: number;
  /** Failed calls, tracked events and feedback; with `granularity: "both"` the calls of turns. */
  readonly events: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Lost before any destination: `redact` threw, or returned a value that is no record. */
  readonly dropped: { readonly redaction_failed: number };
  /** One per destination. */
  readonly destinations: readonly DeliveryStats[];
}

/** Return value of `stats()` with `disabled: true`. */
export const NO_STATS: TrubricsStats = {
  records: 0,
  events: 0,
  skipped: {},
  dropped: { redaction_failed: 0 },
  destinations: [],
};
