import type { SpanReason } from '../reading/advice/span-explanation.js';

/*
 * Why was a span not recorded? The first answer that fits:
 *
 * 1. It is not taken for an LLM span: counted nowhere. reading/dialects/
 * 2. Its call waits, in otel/state/: `pending-resources` waits up to 5 s for the resource; `held-calls` up to 1 s or 30 s for a span that may
 *    complete it; `span-tree` for the end of the LLM span around it; `call-deduplicator` up to 1 s for the span of another library;
 *    `turn-collector` and, in the exporter, `root-span-buffer` for the spans of its turn, up to 10 min after the last one.
 * 3. It completed the record of another span of the same call, nested or side by side: one record, counted nowhere.
 *    reading/calls/deduplicate-calls.ts. With turns, `stats().records` counts the turn, not its calls.
 * 4. It was skipped: `stats().skipped` counts it under one of the reasons below.
 * 5. The call failed: it became an event, counted in `stats().events`, unless the option `errors` says otherwise.
 * 6. It was lost: `stats().dropped` before any destination, `stats().destinations` on the way. delivery/
 */

/**
 * Reason why an LLM call or an event was not sent although nothing was lost. Each comment ends with the place below src/ that decides
 * it.
 */
export type SkipReason =
  /**
   * The call has neither prompt nor answer, because the instrumentation does not record content; or it has an answer and no prompt.
   * pipeline/record-pipeline.ts
   */
  | 'no_content'
  /**
   * The span looks like a call and is none: an agent without question or answer, or a span that only names a model, and no LLM span is
   * above or below it. Or an agent of a library that writes a span for every LLM call, without such a span.
   * reading/calls/locate-agent-calls.ts, otel/end-other-span.ts
   */
  | 'no_call'
  /** The call failed and `errors` is `"skip"`. pipeline/record-pipeline.ts */
  | 'error'
  /** `redact` returned undefined for a record or for feedback. pipeline/privacy-filter.ts */
  | 'redacted'
  /**
   * The call was already recorded from another span, or waits to be. otel/state/{span-tree,call-deduplicator}.ts, otel/exporter.ts
   */
  | 'duplicate'
  /** The span could not be read at all. otel/processor.ts, otel/exporter.ts; the reading itself is in reading/dialects/ */
  | 'unreadable'
  /**
   * `withTrubrics({ record: false })` was active, or `trubrics.record` is false on the span or on a span above it.
   * Also for feedback on such a call. A record that was opted out after it was queued is counted in `stats().destinations` as dropped.
   * records/privacy/opt-out.ts; for calls of `TrubricsClient` client/client.ts
   */
  | 'opted_out'
  /** The user, without one the thread, else the trace is not in the sample of `samplingRatio`. pipeline/privacy-filter.ts */
  | 'sampled_out'
  /**
   * `track()` got an event without a name, `trackFeedback()` feedback without a value or a target, or `trackPrompt()` no usable prompt.
   * pipeline/manual-pipeline.ts, client/client.ts
   */
  | 'invalid_event'
  /** `trubricsHandler()` has no key or host: there is nowhere to send records to. standalone/sink-without-destination.ts */
  | 'no_destination';

/**
 * Skip reasons that a span can have; the others are of calls by hand, or of a handler without a destination. A new one does not compile
 * without its words in `TEXTS` (reading/advice/span-explanation.ts).
 */
export type SpanSkipReason = Explained<Exclude<SkipReason, 'invalid_event' | 'no_destination'>>;

type Explained<Reason extends SpanReason> = Reason;
