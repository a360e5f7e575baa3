import type { Context } from '@opentelemetry/api';
import { identityOfBaggage } from './state/baggage.js';
import { identityOf } from '../identity/with-trubrics.js';
import { evaluationsOn } from './state/evaluations.js';
import type { OrUndefined } from '../common/options/define-options.js';
import { guard } from '../common/guard.js';
import { markProcessed } from '../common/processed-spans.js';
import { INSTRUMENTATION_SCOPE } from '../common/instrumentation-scope.js';
import { CallDeduplicator, type FinishedCall } from './state/call-deduplicator.js';
import { PendingLogEvents, type SpanIds } from './state/pending-log-events.js';
import { ancestorsOf, OpenSpans, type OpenSpan } from './state/open-spans.js';
import { resolveOptions, type BaggageKeys, type TrubricsOptions } from '../config/options.js';
import { NO_STATS, type TrubricsStats } from '../pipeline/destination-fan-out.js';
import { collapseNested, nearestCallAbove } from '../reading/calls/deduplicate-calls.js';
import { hasContent } from '../reading/calls/merge-calls.js';
import { readLlmCall, roleOf } from '../reading/dialects/read-llm-call.js';
import { scopeNameOf, type SpanEventLike, type SpanLike } from '../reading/model/span-like.js';
import { RecordPipeline } from '../pipeline/record-pipeline.js';
import { PendingResources } from './state/pending-resources.js';
import { evaluatedResponse, evaluationFeedback } from '../records/feedback/evaluation-feedback.js';
import type { FeedbackInput } from '../records/feedback/to-feedback-event.js';
import type { TrackInput } from '../records/feedback/to-tracked-event.js';
import { TurnCollector } from './state/turn-collector.js';
import { mergeIdentities, type ContextIdentity } from '../common/context-identity.js';

/**
 * An OpenTelemetry `SpanProcessor` that picks the LLM spans out of every trace and sends each as one Trubrics prompt record.
 *
 * Choose it wherever you can add a span processor. Unlike the exporter it sees spans start, so it finds a user or thread that
 * only a span above the LLM call knows, works without a batch processor in front, and records calls that the sampler dropped
 * from your traces, if they are recorded at all. Use `TrubricsSpanExporter` for set-ups that only take exporters.
 *
 * ```ts
 * new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(otlpExporter), new TrubricsSpanProcessor()] }).register();
 * ```
 *
 * It never throws after construction, never blocks, never changes a span and keeps no process alive.
 */
export class TrubricsSpanProcessor {
  readonly #recorder: RecordPipeline | undefined;
  readonly #flushTimeoutMs: number;
  readonly #open = new OpenSpans((forgotten) => this.#holdInner(forgotten));
  readonly #logEvents = new PendingLogEvents();
  readonly #waits = new PendingResources();
  readonly #turns: TurnCollector | undefined;
  readonly #baggageKeys: BaggageKeys | undefined;
  readonly #held = new CallDeduplicator(
    (finished) => guard('record', () => this.#release(finished)),
    () => this.#recorder?.skip('duplicate'),
  );

  /** @throws TypeError for a wrong option, and when there is no key and `host` is not loopback. */
  constructor(options: OrUndefined<TrubricsOptions> = {}) {
    const resolved = resolveOptions(options);
    this.#recorder = resolved.disabled ? undefined : new RecordPipeline(resolved);
    this.#flushTimeoutMs = resolved.flushTimeoutMs;
    this.#baggageKeys = resolved.baggageKeys;
    this.#recorder?.onReleaseHeld(() => this.#releaseHeld());
    if (resolved.granularity !== 'call')
      this.#turns = new TurnCollector((turn) => guard('record', () => this.#recorder?.recordTurn(turn)));
  }

  onStart(span: SpanLike, parentContext: Context): void {
    if (!this.#recorder) return;
    guard('onStart', () => {
      if (scopeNameOf(span) === INSTRUMENTATION_SCOPE) markProcessed(span);
      const open = this.#open.start(span, this.#contextIdentityOf(parentContext));
      this.#turns?.start(open);
    });
  }

  onEnd(span: SpanLike): void {
    const recorder = this.#recorder;
    if (recorder)
      guard(
        'onEnd',
        () => this.#end(this.#open.end(span)),
        () => recorder.skip('unreadable'),
      );
  }

  /** Sends an event of the application, for instance a sign-up, to the same destination. */
  track(event: TrackInput): void {
    guard('track', () => this.#recorder?.track(event));
  }

  /**
   * Sends what somebody thinks of an answer, as an event `Feedback` that is linked to the answer's record. Thumbs, faces, numbers and
   * words, about a record, a span or a thread:
   *
   * ```ts
   * processor.trackFeedback({ recordId, userId: 'ada', score: '👍', comment: 'Just what I needed.' });
   * ```
   */
  trackFeedback(feedback: FeedbackInput): void {
    guard('trackFeedback', () => this.#recorder?.trackFeedback(feedback));
  }

  /** Takes what a log record says of a span that has not ended. {@link TrubricsLogRecordProcessor} calls it. */
  addLogEvent(span: SpanIds, event: SpanEventLike): void {
    if (!this.#recorder) return;
    const feedback = evaluationFeedback(event);
    const responseId = evaluatedResponse(event);
    if (feedback) this.#recorder.trackFeedback({ ...feedback, spanContext: span }, { responseId });
    else this.#logEvents.add(span, event);
  }

  /** Resolves when everything that ended before the call is settled, or after `flushTimeoutMs`. Never rejects. */
  async forceFlush(): Promise<void> {
    await this.#waits.settled(this.#flushTimeoutMs);
    this.#releaseHeld();
    await this.#recorder?.flush();
  }

  /** Like {@link forceFlush}; what could not be delivered by then is dropped and counted. */
  async shutdown(): Promise<void> {
    await this.#waits.settled(this.#flushTimeoutMs);
    for (const open of this.#open.clear()) this.#holdInner(open);
    this.#held.releaseAll();
    this.#turns?.closeAll();
    this.#logEvents.clear();
    await this.#recorder?.shutdown();
  }

  /** What became of the LLM calls so far. */
  stats(): TrubricsStats {
    return this.#recorder?.stats() ?? NO_STATS;
  }

  /** A call below a span that will not end is recorded by itself. */
  #holdInner({ innerCalls }: OpenSpan): void {
    for (const inner of innerCalls.splice(0)) this.#held.add(inner, true);
  }

  #releaseHeld(): void {
    this.#held.releaseAll();
    this.#turns?.flush();
  }

  #contextIdentityOf(ctx: Context): ContextIdentity | undefined {
    const own = identityOf(ctx);
    const carried = this.#baggageKeys && identityOfBaggage(ctx, this.#baggageKeys);
    return own ? mergeIdentities(carried, own) : carried;
  }

  #release(finished: FinishedCall): void {
    if (!this.#turns) this.#recorder?.record(finished.call, finished);
    else if (this.#recorder?.admits(finished)) this.#turns.add(finished);
  }

  #end(open: OpenSpan): void {
    this.#turns?.end(open);
    if (open.span.events?.length)
      for (const { feedback, hints } of evaluationsOn(open, this.#turns !== undefined))
        this.#recorder?.trackFeedback(feedback, hints);
    if (roleOf(open.span) !== 'llm') return void this.#logEvents.take(open.span.spanContext());
    this.#recorder?.announce();
    this.#waits.run(open.span.resource, () => guard('onEnd', () => this.#read(open)));
  }

  #read(open: OpenSpan): void {
    const above = ancestorsOf(open);
    const ancestors = above.map((ancestor) => ancestor.span);
    const span = this.#logEvents.attach(open.span);
    const call = readLlmCall(span, ancestors);
    if (call && hasContent(call)) open.state = 'recorded';
    if (!call) this.#recorder?.skip('unreadable');
    const outer = call && { call, span, ancestors, contextIdentity: open.contextIdentity };
    const calls = outer ? collapseFinished(outer, open.innerCalls) : open.innerCalls;
    const owner = above.find((ancestor) => ancestor.span === nearestCallAbove(ancestors));
    if (owner?.state === 'open') owner.innerCalls.push(...calls);
    else if (owner?.state === 'recorded') this.#recorder?.skip('duplicate');
    else
      for (const finished of calls)
        this.#held.add(finished, this.#open.hasCallsBeside(scopeNameOf(open.span)));
  }
}

function collapseFinished(outer: FinishedCall, inner: readonly FinishedCall[]): readonly FinishedCall[] {
  return collapseNested(outer, inner).map((located) => ({ ...outer, ...located }));
}
