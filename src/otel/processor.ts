import { context, type Context } from '@opentelemetry/api';
import { mergeIdentities, type ContextIdentity } from '../common/context-identity.js';
import { guard } from '../common/guard.js';
import { INSTRUMENTATION_SCOPE, markProcessed } from '../common/spans/processed-spans.js';
import { resolveOptions, type TrubricsOptions } from '../config/options.js';
import { identityOf } from '../identity/with-trubrics.js';
import { isAnyOptedOut, rememberOptedOut } from '../pipeline/opted-out-calls.js';
import { FORCE_FLUSH_FAILURE_TIMEOUT_MS } from '../pipeline/destination-fan-out.js';
import { NO_STATS, type TrubricsStats } from '../pipeline/trubrics-stats.js';
import { withChildError } from '../reading/calls/failed-child.js';
import { readRecognisedCall, recogniseSpan } from '../reading/dialects/read-llm-call.js';
import type { RecognisedSpan } from '../reading/dialects/recognise.js';
import type { LlmCall } from '../reading/model/llm-call.js';
import { scopeNameOf, type SpanEventLike, type SpanLike } from '../reading/model/span-like.js';
import { evaluatedResponse, evaluationFeedback } from '../records/feedback/evaluation-feedback.js';
import type { FeedbackInput } from '../records/feedback/to-feedback-event.js';
import { hasOwnOptOut, isOptedOut, lateOptOut } from '../records/privacy/opt-out.js';
import type { TrackInput } from '../records/feedback/to-tracked-event.js';
import { endOtherSpan, skipUnreadable } from './end-other-span.js';
import { createProcessorParts, releaseEnded, type ProcessorParts } from './create-processor-parts.js';
import { explainSpans } from './explain-spans.js';
import { providerFlushLimit, timeLeft, warnOfUndelivered } from './provider-flush-limit.js';
import type { SpanExplanation } from '../reading/advice/span-explanation.js';
import { identityOfBaggage } from './state/baggage.js';
import { evaluationsOn } from './state/evaluations.js';
import type { FinishedCall } from './state/call-deduplicator.js';
import { waitOf } from './state/held-calls.js';
import type { LogEventBuffer, SpanIds } from './state/pending-log-events.js';
import type { OpenSpan } from './state/open-span.js';

/** Spans that have not ended which `explain()` lists. */
const MAX_OPEN = 100;

/**
 * OpenTelemetry `SpanProcessor` that picks the LLM spans out of every trace and sends each as one Trubrics prompt record.
 *
 * Choose it wherever you can add a span processor. Unlike the exporter it sees spans start, so it finds a user or thread that is
 * set only on a span above the LLM call. It needs no batch processor in front, and also records calls that the sampler excluded from
 * your traces, if they are recorded at all. Use `TrubricsSpanExporter` for set-ups that only take exporters.
 *
 * ```ts
 * new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(otlpExporter), new TrubricsSpanProcessor()] }).register();
 * ```
 *
 * It never throws after construction, never blocks, never changes a span and keeps no process alive.
 */
export class TrubricsSpanProcessor {
  /** Undefined with `disabled: true`. */
  readonly #parts: ProcessorParts | undefined;

  /** @throws TypeError for a wrong option, and if `host` or, for a host that is not loopback, the key is missing. */
  constructor(options: TrubricsOptions = {}) {
    const resolved = resolveOptions(options);
    this.#parts = resolved.disabled ? undefined : createProcessorParts(resolved);
  }

  onStart(span: SpanLike, parentContext: Context): void {
    const parts = this.#parts;
    if (!parts) return;
    guard('onStart', () => {
      if (scopeNameOf(span) === INSTRUMENTATION_SCOPE) markProcessed(span);
      const open = parts.spanTree.onSpanStart(span, contextIdentityOf(parts, parentContext));
      parts.turns?.onSpanStart(open);
    });
  }

  onEnd(span: SpanLike): void {
    const parts = this.#parts;
    if (!parts) return;
    guard(
      'onEnd',
      () => endSpan(parts, parts.spanTree.onSpanEnd(span)),
      () => parts.destinations.skip('unreadable'),
    );
  }

  /** Sends an event of the application, for instance a sign-up, to the same destination. */
  track(event: TrackInput): void {
    guard('track', () => {
      if (this.#parts && admitsHere(this.#parts)) this.#parts.manual.track(event);
    });
  }

  /**
   * Sends feedback on an answer as an event `Feedback` that is linked to the answer's record. A score can be a thumb, a face or a number;
   * the target is a record, a LangChain run, a span or a thread:
   *
   * ```ts
   * processor.trackFeedback({ recordId, userId: 'ada', score: '👍', comment: 'Just what I needed.' });
   * ```
   */
  trackFeedback(feedback: FeedbackInput): void {
    guard('trackFeedback', () => {
      if (this.#parts && admitsHere(this.#parts)) this.#parts.manual.trackFeedback(feedback);
    });
  }

  /** Adds the content of a log record to a span that has not ended. {@link TrubricsLogRecordProcessor} calls it. */
  addLogEvent(span: SpanIds, event: SpanEventLike, createBuffer?: () => LogEventBuffer): void {
    const parts = this.#parts;
    if (!parts) return;
    const feedback = evaluationFeedback(event);
    const responseId = evaluatedResponse(event);
    if (!feedback) {
      parts.logEvents ??= createBuffer?.();
      return parts.logEvents?.add(span, event);
    }
    const open = parts.spanTree.find(span.spanId);
    const places = open?.surroundings();
    if (places && isOptedOut(places)) return parts.destinations.skip('opted_out');
    const optOut = places && lateOptOut([places]);
    parts.manual.trackFeedback({ ...feedback, spanContext: span }, { responseId }, optOut);
  }

  /**
   * Resolves when everything that ended before the call is settled, or after `flushTimeoutMs`, or before the tracer provider that calls
   * it would reject. If a destination fails, it resolves at once. The records are sent later: SDKs bound the time of a flush. Never
   * rejects.
   *
   * A call that is still streaming is not sent: it becomes a record when its span ends.
   */
  async forceFlush(): Promise<void> {
    const limitMs = providerFlushLimit(this);
    const leftMs = timeLeft(Infinity, limitMs);
    await this.#flush(FORCE_FLUSH_FAILURE_TIMEOUT_MS, limitMs);
    if (limitMs !== undefined && leftMs() < 2) warnOfUndelivered(this.stats(), limitMs);
  }

  /** Like {@link forceFlush}, but goes on for `flushTimeoutMs` if a destination fails. */
  async flush(): Promise<void> {
    await this.#flush();
  }

  async #flush(failureTimeoutMs?: number, limitMs?: number): Promise<void> {
    const parts = this.#parts;
    if (!parts) return;
    const leftMs = timeLeft(parts.options.flushTimeoutMs, limitMs);
    await parts.pendingResources.settled(leftMs());
    releaseEnded(parts);
    await parts.destinations.flush(failureTimeoutMs, leftMs());
  }

  /** Like {@link flush}. Records that could not be delivered by then are dropped and counted. */
  async shutdown(): Promise<void> {
    const parts = this.#parts;
    if (!parts) return;
    await parts.pendingResources.settled(parts.options.flushTimeoutMs);
    parts.heldCalls.releaseAll();
    parts.spanTree.clear();
    parts.deduplicator.releaseAll();
    parts.turns?.emitAll();
    parts.logEvents?.clear();
    parts.manual.giveUpWaiting();
    await parts.destinations.shutdown();
  }

  /** Returns true if nothing waits to be read, merged or sent. @internal */
  isIdle(): boolean {
    if (!this.#parts) return true;
    const { pendingResources, heldCalls, deduplicator, turns, destinations } = this.#parts;
    if (pendingResources.waitingCount + heldCalls.size + deduplicator.waitingCount > 0) return false;
    if ((turns?.callCount ?? 0) > 0) return false;
    return destinations.stats().destinations.every(({ queued, inFlight }) => queued + inFlight === 0);
  }

  /**
   * Returns what became of the last 500 spans of calls and agents, and of those that have not ended, the last one first; then one entry
   * for each library with other spans. Each says why it was recorded, merged, held or skipped, and what to change. Has no contents.
   *
   * ```ts
   * console.table(processor.explain(), ['name', 'scope', 'outcome', 'explanation', 'advice']);
   * ```
   */
  explain(): SpanExplanation[] {
    const parts = this.#parts;
    return parts
      ? explainSpans(parts.spanLog, parts.destinations.stats(), parts.spanTree.openCalls(MAX_OPEN))
      : [];
  }

  /** Returns the number of LLM calls so far, by outcome. */
  stats(): TrubricsStats {
    return this.#parts?.destinations.stats() ?? NO_STATS;
  }
}

/** Returns the identity that was set around a span: by `withTrubrics()`, completed from allowed baggage. */
function contextIdentityOf({ options }: ProcessorParts, ctx: Context): ContextIdentity | undefined {
  const identity = identityOf(ctx);
  const fromBaggage = options.baggageKeys && identityOfBaggage(ctx, options.baggageKeys);
  return identity ? mergeIdentities(fromBaggage, identity) : fromBaggage;
}

/** Returns false, and counts it, if `withTrubrics({ record: false })` is active. */
function admitsHere({ destinations }: ProcessorParts): boolean {
  if (identityOf(context.active())?.record !== false) return true;
  destinations.skip('opted_out');
  return false;
}

/** Withdraws what was recorded below a span that is opted out, and remembers the span, because feedback on it may come later. */
function noteOptOut({ records }: ProcessorParts, open: OpenSpan): void {
  if (hasOwnOptOut(open.span)) records.onLateOptOut(open.span);
  else if (isAnyOptedOut() && isOptedOut(open.surroundings())) rememberOptedOut(open.span);
}

/** Sends the evaluations on a span that ended. If it is an LLM span, reads its call as soon as its resource is complete. */
function endSpan(parts: ProcessorParts, open: OpenSpan): void {
  const { span } = open;
  noteOptOut(parts, open);
  parts.turns?.onSpanEnd(open);
  if (span.events?.length)
    for (const { feedback, hints, optOut } of evaluationsOn(open, parts.turns !== undefined))
      parts.manual.trackFeedback(feedback, hints, optOut);
  const recognised = recogniseSpan(span);
  parts.spanLog.add(span, recognised, recognised?.role === 'agent' ? 'calls_below' : 'resource');
  open.markOutcome(recognised?.role);
  if (recognised?.role !== 'llm') return endOtherSpan(parts, open, recognised);
  parts.lifeCycle.extendLifetime();
  parts.pendingResources.run(span.resource, () =>
    guard(
      'onEnd',
      () => readCall(parts, open, recognised),
      () => skipUnreadable(parts, open),
    ),
  );
}

/** Reads the call of an LLM span that ended. It is held back if a span that is still open may complete it. */
function readCall(parts: ProcessorParts, open: OpenSpan, recognised: RecognisedSpan): void {
  const span = parts.logEvents?.attach(open.span) ?? open.span;
  const ancestors = open.spansAbove();
  const call = readRecognisedCall(span, recognised, ancestors);
  const finish = (complete: LlmCall | undefined): void =>
    finishCall(parts, open, complete && withChildError(complete, open.childError), { span, ancestors });
  const wait = call && waitOf(open, call, recognised);
  if (!wait) return finish(call);
  parts.spanLog.note(open.span.spanContext().spanId, wait.isReadAgain ? 'span_above' : 'span_below');
  parts.heldCalls.hold(wait, () =>
    finish(wait.isReadAgain ? readRecognisedCall(span, recognised, ancestors) : call),
  );
}

/** Hands on the call of an LLM span. `call` is undefined if it could not be read. */
function finishCall(
  parts: ProcessorParts,
  open: OpenSpan,
  call: LlmCall | undefined,
  { span, ancestors }: Pick<FinishedCall, 'span' | 'ancestors'>,
): void {
  const { records, spanTree } = parts;
  const { contextIdentity, startOrder } = open;
  // Decided in front of everything that merges: the content must not complete the record of another span.
  if (!records.admits({ span, ancestors, contextIdentity })) return spanTree.finishCall(open, undefined);
  if (!call) skipUnreadable(parts, open);
  spanTree.finishCall(open, call && { call, span, ancestors, contextIdentity, startOrder });
}
