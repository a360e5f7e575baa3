import type { DeliveryStats } from '../delivery/model/settlement.js';

/**
 * Reason why an LLM span or an event was not sent although nothing failed: the user, or the span, wanted it so. Each comment ends with
 * the place below src/ that decides it.
 */
export type SkipReason =
  /** The span carries no messages: the instrumentation does not record content, or was told not to. pipeline/record-pipeline.ts */
  | 'no_content'
  /** The call failed and `errors` is `"skip"`. pipeline/record-pipeline.ts */
  | 'error'
  /** `redact` returned undefined. pipeline/privacy-filter.ts */
  | 'redacted'
  /** The call was already recorded from another span. otel/state/{span-tree,call-deduplicator}.ts, otel/exporter.ts */
  | 'duplicate'
  /** The span could not be read at all. otel/processor.ts, otel/exporter.ts; the reading itself is in reading/dialects/ */
  | 'unreadable'
  /**
   * `withTrubrics({ record: false })` was active, or `trubrics.record` is false on the span or on a span above it.
   * records/privacy/opt-out.ts
   */
  | 'opted_out'
  /** The user is not in the sample of `samplingRatio`. pipeline/privacy-filter.ts */
  | 'sampled_out'
  /** `track()` got an event without a name, or `trackFeedback()` feedback without a value or a target. pipeline/manual-pipeline.ts */
  | 'invalid_event'
  /** `trubricsHandler()` has no key or host: there is nowhere to send records to. standalone/sink-without-destination.ts */
  | 'no_destination';

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
