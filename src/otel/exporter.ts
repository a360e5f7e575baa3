import { startBackgroundTimer } from '../common/background-timer.js';
import { guard } from '../common/guard.js';
import { resolveOptions, type TrubricsOptions } from '../config/options.js';
import { createPipelines, type Pipelines } from '../pipeline/create-pipelines.js';
import { FORCE_FLUSH_FAILURE_TIMEOUT_MS, type OnSettled } from '../pipeline/destination-fan-out.js';
import { NO_STATS, type TrubricsStats } from '../pipeline/trubrics-stats.js';
import { locateCalls } from '../reading/calls/deduplicate-calls.js';
import type { LocatedCall } from '../reading/calls/located-call.js';
import { RecentCalls } from '../reading/calls/recent-calls.js';
import type { SpanLike } from '../reading/model/span-like.js';
import type { CallSurroundings } from '../records/calls/record-call.js';
import { groupTurns, type TurnGroup } from '../records/turns/group-turns.js';
import { questionOf } from '../records/turns/question.js';
import type { SpanExplanation } from '../reading/advice/span-explanation.js';
import type { RecognisedSpan } from '../reading/dialects/recognise.js';
import type { SpanLog } from '../pipeline/span-log.js';
import { explainSpans } from './explain-spans.js';
import { providerFlushLimit, timeLeft } from './provider-flush-limit.js';
import { ExportedOptOuts } from './state/exported-opt-outs.js';
import { PendingResources } from './state/pending-resources.js';
import { RootSpanBuffer } from './state/root-span-buffer.js';
import { comparedCall } from './state/telemetry-listeners.js';

/** Result of an export for the span processor in front. `code` is 0 for success and 1 for failure, as in `ExportResultCode`. */
export interface ExportResultLike {
  readonly code: number;
  readonly error?: Error;
}

const SUCCESS = { code: 0 } as const;
const FAILED = 1;

/** Bounds the memory for spans whose parents never come. */
const MAX_IDS_ABOVE_CALLS = 20_000;

type Report = (result: ExportResultLike) => void;

/**
 * OpenTelemetry `SpanExporter` that sends every exported LLM span as one Trubrics prompt record.
 *
 * Choose it for set-ups that only take exporters (`traceExporter`, a hosted wrapper). Otherwise prefer
 * `TrubricsSpanProcessor`: an exporter gets spans in batches after they ended, so it does not find a user that is set only on a span of
 * a later batch, and it never gets spans that the batch processor in front drops. An opt-out on such a span withdraws what has not been
 * sent.
 *
 * ```ts
 * new BatchSpanProcessor(new TrubricsSpanExporter());
 * ```
 *
 * `export()` may be called concurrently, never throws, and calls back exactly once: when all its records are settled, or after
 * `exportTimeoutMs`, or before the tracer provider would give up its flush. Records that are queued then stay queued.
 */
export class TrubricsSpanExporter {
  readonly #exportTimeoutMs: number;
  readonly #flushTimeoutMs: number;
  readonly #pendingResources = new PendingResources();
  readonly #recentCalls = new RecentCalls();
  /** Ids of spans of later batches that have a call below them. Oldest first. */
  readonly #idsAboveCalls = new Set<string>();
  /** Undefined with `disabled: true`. */
  readonly #pipelines: Pipelines | undefined;
  /** Undefined with `granularity: "call"`. */
  readonly #rootSpans: RootSpanBuffer | undefined;
  /** Undefined with `disabled: true`. */
  readonly #optOuts: ExportedOptOuts | undefined;
  #isShutdown = false;

  /** @throws TypeError for a wrong option, and if `host` or, for a host that is not loopback, the key is missing. */
  constructor(options: TrubricsOptions = {}) {
    const resolved = resolveOptions(options);
    this.#exportTimeoutMs = resolved.exportTimeoutMs;
    this.#flushTimeoutMs = resolved.flushTimeoutMs;
    if (resolved.disabled) return;
    // A batch is sent at once: the span processor in front exports the next one only when this one was reported.
    const pipelines = createPipelines({ ...resolved, flushAt: 1 });
    pipelines.lifeCycle.start(() => pipelines.destinations.flush());
    this.#pipelines = pipelines;
    this.#optOuts = new ExportedOptOuts((span) => pipelines.records.onLateOptOut(span));
    if (resolved.granularity !== 'call')
      this.#rootSpans = new RootSpanBuffer((spans) =>
        guard('export', () => {
          for (const turn of this.#groupTurns(spans, pipelines)) pipelines.records.recordTurn(turn);
        }),
      );
  }

  export(spans: readonly SpanLike[], resultCallback: (result: ExportResultLike) => void): void {
    const report = callOnce<ExportResultLike>((result) =>
      guard('resultCallback', () => resultCallback(result)),
    );
    if (this.#isShutdown) return report({ code: FAILED, error: new Error('The exporter is shut down.') });
    const resource = guard(
      'export',
      () => spans.find((span) => span.resource?.asyncAttributesPending)?.resource,
    );
    this.#pendingResources.run(resource, () => {
      const isDone = guard('export', () => this.#record(spans, report));
      if (!isDone) report({ code: FAILED, error: new Error('The spans could not be read.') });
    });
  }

  /**
   * Resolves when everything exported before the call is settled, or after `flushTimeoutMs`, or before the tracer provider that calls it
   * would reject. If a destination fails, it resolves at once and the records are retried later. Never rejects.
   */
  async forceFlush(): Promise<void> {
    const leftMs = timeLeft(this.#flushTimeoutMs, this.#flushLimitMs());
    await this.#pendingResources.settled(leftMs());
    await this.#pipelines?.destinations.flush(FORCE_FLUSH_FAILURE_TIMEOUT_MS, leftMs());
  }

  /** Like {@link forceFlush}. Records that could not be delivered by then are dropped and counted. */
  async shutdown(): Promise<void> {
    this.#isShutdown = true;
    await this.#pendingResources.settled(this.#flushTimeoutMs);
    this.#rootSpans?.emitAll();
    await this.#pipelines?.destinations.shutdown();
  }

  /**
   * Returns what became of the last 500 spans of calls and agents, the last one first; then one entry for each library with other spans.
   * Each says why it was recorded, merged or skipped, and what to change. Has no contents.
   */
  explain(): SpanExplanation[] {
    return this.#pipelines ? explainSpans(this.#pipelines.spanLog, this.#pipelines.destinations.stats()) : [];
  }

  /** Returns the number of LLM calls so far, by outcome. */
  stats(): TrubricsStats {
    return this.#pipelines?.destinations.stats() ?? NO_STATS;
  }

  /** Returns true, so that `guard()` tells an error from success. */
  #record(spans: readonly SpanLike[], report: Report): true {
    this.#optOuts?.onExport(spans);
    if (!this.#pipelines) report(SUCCESS);
    else if (this.#rootSpans) this.#recordTurns(this.#rootSpans.add(spans), this.#pipelines, report);
    else this.#recordCalls(spans, this.#pipelines, report);
    return true;
  }

  #recordCalls(spans: readonly SpanLike[], pipelines: Pipelines, report: Report): void {
    const calls = this.#locateNew(spans, pipelines);
    if (calls.length === 0) return report(SUCCESS);
    const onSettled = reportWhenSettled(calls.length, this.#timeoutMs(), report);
    for (const { call, ...surroundings } of calls) pipelines.records.record(call, surroundings, onSettled);
  }

  /**
   * Records the turns that a batch completes, and reports when they are settled. A batch that completes none is reported at once: the
   * other spans of its turns come in later batches, which are exported only after this one was reported.
   */
  #recordTurns(groups: readonly (readonly SpanLike[])[], pipelines: Pipelines, report: Report): void {
    // Together: two libraries can trace one call below two roots.
    const turns = this.#groupTurns(groups.flat(), pipelines);
    if (turns.length === 0) return report(SUCCESS);
    const onSettled = reportWhenSettled(turns.length, this.#timeoutMs(), report);
    for (const turn of turns) pipelines.records.recordTurn(turn, onSettled);
  }

  /** The span processor in front does not end its flush before its batches are reported, and may flush the exporter after that. */
  #flushLimitMs(): number {
    return (providerFlushLimit(this) ?? Infinity) / 2;
  }

  #timeoutMs(): number {
    return Math.min(this.#exportTimeoutMs, this.#flushLimitMs());
  }

  #groupTurns(spans: readonly SpanLike[], pipelines: Pipelines): TurnGroup[] {
    const calls = this.#locateNew(spans, pipelines).map((located) => ({
      ...located,
      question: questionOf(located.call),
    }));
    return groupTurns(calls);
  }

  /** Returns the calls that were not recorded from a span of an earlier batch. The others are counted. */
  #locateNew(
    spans: readonly SpanLike[],
    { destinations, records, spanLog }: Pipelines,
  ): (LocatedCall & CallSurroundings)[] {
    const skip = (span: SpanLike, reason: 'unreadable' | 'no_call'): void => {
      spanLog.noteSpan(span, reason);
      destinations.skip(reason);
    };
    const found = locateCalls(spans, {
      onRecognised: (recognised) => logSpans(recognised, spanLog),
      onUnreadable: (span) => skip(span, 'unreadable'),
      onNoCall: (span) => skip(span, 'no_call'),
      admits: (places) => records.admits(this.#withOptOutAbove(places)),
      idsAboveCalls: this.#idsAboveCalls,
    });
    for (const id of this.#idsAboveCalls) {
      if (this.#idsAboveCalls.size <= MAX_IDS_ABOVE_CALLS) break;
      this.#idsAboveCalls.delete(id);
    }
    const newCalls = found.filter(({ call }) => {
      const compared = comparedCall(call);
      if (this.#recentCalls.claim(compared)) return false;
      // Both spans of a call can be in the batch.
      if (compared !== call) this.#recentCalls.addWithContent(compared);
      return true;
    });
    for (const { call } of newCalls) this.#recentCalls.addWithContent(call);
    const isNew = new Set(newCalls);
    for (const located of found) {
      if (isNew.has(located)) continue;
      spanLog.note(located.call.spanId, 'duplicate');
      destinations.skip('duplicate');
    }
    return newCalls.map((located) => this.#withOptOutAbove(located));
  }

  /** Adds what spans of other batches say about the recording of a call. */
  #withOptOutAbove<T extends Pick<LocatedCall, 'span' | 'ancestors'>>(located: T): T & CallSurroundings {
    const optOutAbove = this.#optOuts?.above(located.span, located.ancestors);
    return { ...located, contextIdentity: optOutAbove && { optOutAbove } };
  }
}

/** Logs the spans of a batch. What is said of none of them later is a part of the call of another one. */
function logSpans(spans: ReadonlyMap<SpanLike, RecognisedSpan | undefined>, log: SpanLog): void {
  for (const [span, recognised] of spans)
    log.add(span, recognised, recognised?.role === 'agent' ? 'calls_below' : 'same_call');
}

/** Returns the callback for each of `count` calls. Reports when it was called `count` times, or success after `timeoutMs`. */
function reportWhenSettled(count: number, timeoutMs: number, report: Report): OnSettled {
  const timer = startBackgroundTimer(timeoutMs, () => report(SUCCESS));
  let openCount = count;
  let lostCount = 0;
  return (isLost) => {
    openCount -= 1;
    if (isLost) lostCount += 1;
    if (openCount > 0) return;
    clearTimeout(timer);
    if (lostCount === 0) report(SUCCESS);
    else report({ code: FAILED, error: new Error(`${lostCount} of ${count} records were dropped.`) });
  };
}

/** Returns a function that calls `fn` at its first call and does nothing at later ones. */
function callOnce<T>(fn: (value: T) => void): (value: T) => void {
  let wasCalled = false;
  return (value) => {
    if (wasCalled) return;
    wasCalled = true;
    fn(value);
  };
}
