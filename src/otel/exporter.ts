import { RecentCalls } from '../reading/calls/recent-calls.js';
import { guard } from '../common/guard.js';
import type { OrUndefined } from '../common/options/define-options.js';
import { resolveOptions, type TrubricsOptions } from '../config/options.js';
import { NO_STATS, type TrubricsStats } from '../pipeline/destination-fan-out.js';
import { locateCalls, type LocatedCall } from '../reading/calls/deduplicate-calls.js';
import { hasContent } from '../reading/calls/merge-calls.js';
import type { SpanLike } from '../reading/model/span-like.js';
import { RecordPipeline } from '../pipeline/record-pipeline.js';
import { questionOf } from '../records/turns/question.js';
import { groupTurns } from '../records/turns/turn-groups.js';
import { PendingResources } from './state/pending-resources.js';
import { RootSpanBuffer } from './state/root-span-buffer.js';
import { startBackgroundTimer } from '../common/background-timer.js';

/** What an exporter tells its span processor. `code` is 0 for success and 1 for failure, as `ExportResultCode` has it. */
export interface ExportResultLike {
  readonly code: number;
  readonly error?: Error;
}

const SUCCESS = 0;
const FAILED = 1;

/**
 * An OpenTelemetry `SpanExporter` that sends every LLM span it is given as one Trubrics prompt record.
 *
 * Choose it for set-ups that only take exporters (`traceExporter`, a hosted wrapper). `TrubricsSpanProcessor` is the better
 * choice elsewhere: an exporter sees spans in batches after they have ended, so a user that only a span of a later batch knows
 * stays unknown, and what the batch processor in front drops never arrives.
 *
 * ```ts
 * new BatchSpanProcessor(new TrubricsSpanExporter());
 * ```
 *
 * `export()` may be called concurrently, never throws, and calls back exactly once: when all its records are settled, or after
 * `exportTimeoutMs` with what is still queued kept for retry.
 */
export class TrubricsSpanExporter {
  readonly #recorder: RecordPipeline | undefined;
  readonly #exportTimeoutMs: number;
  readonly #flushTimeoutMs: number;
  readonly #waits = new PendingResources();
  readonly #memory = new RecentCalls();
  readonly #turns: RootSpanBuffer | undefined;
  #isShutdown = false;

  /** @throws TypeError for a wrong option, and when there is no key and `host` is not loopback. */
  constructor(options: OrUndefined<TrubricsOptions> = {}) {
    const resolved = resolveOptions(options);
    this.#exportTimeoutMs = resolved.exportTimeoutMs;
    this.#flushTimeoutMs = resolved.flushTimeoutMs;
    // A batch needs no more company: waiting would hold up the next batch of the span processor in front.
    this.#recorder = resolved.disabled ? undefined : new RecordPipeline({ ...resolved, flushAt: 1 });
    if (resolved.granularity !== 'call')
      this.#turns = new RootSpanBuffer((spans) => guard('export', () => this.#recordTurns(spans)));
  }

  export(spans: readonly SpanLike[], resultCallback: (result: ExportResultLike) => void): void {
    const answer = once((result: ExportResultLike) => guard('resultCallback', () => resultCallback(result)));
    if (this.#isShutdown) return answer({ code: FAILED, error: new Error('The exporter is shut down.') });
    const resource = guard(
      'export',
      () => spans.find((span) => span.resource?.asyncAttributesPending)?.resource,
    );
    this.#waits.run(resource, () => {
      const done = guard('export', () => this.#record(spans, answer));
      if (!done) answer({ code: FAILED, error: new Error('The spans could not be read.') });
    });
  }

  /** Resolves when everything exported before the call is settled, or after `flushTimeoutMs`. Never rejects. */
  async forceFlush(): Promise<void> {
    await this.#waits.settled(this.#flushTimeoutMs);
    await this.#recorder?.flush();
  }

  /** Like {@link forceFlush}; what could not be delivered by then is dropped and counted. */
  async shutdown(): Promise<void> {
    this.#isShutdown = true;
    await this.#waits.settled(this.#flushTimeoutMs);
    this.#turns?.closeAll();
    await this.#recorder?.shutdown();
  }

  /** What became of the LLM calls so far. */
  stats(): TrubricsStats {
    return this.#recorder?.stats() ?? NO_STATS;
  }

  #record(spans: readonly SpanLike[], answer: (result: ExportResultLike) => void): true {
    const recorder = this.#recorder;
    if (this.#turns && recorder) {
      // The spans that turns wait for come in batches that are exported only after this one was answered.
      this.#turns.add(spans);
      answer({ code: SUCCESS });
      return true;
    }
    const calls = recorder ? this.#locate(spans, recorder) : [];
    if (!recorder || calls.length === 0) {
      answer({ code: SUCCESS });
      return true;
    }
    const timer = startBackgroundTimer(this.#exportTimeoutMs, () => answer({ code: SUCCESS }));
    let open = calls.length;
    let lost = 0;
    const settle = (isLost: boolean) => {
      open -= 1;
      if (isLost) lost += 1;
      if (open > 0) return;
      clearTimeout(timer);
      answer(
        lost === 0
          ? { code: SUCCESS }
          : { code: FAILED, error: new Error(`${lost} of ${calls.length} records were dropped.`) },
      );
    };
    for (const { call, span, ancestors } of calls) recorder.record(call, { span, ancestors }, settle);
    return true;
  }

  #recordTurns(spans: readonly SpanLike[]): void {
    const recorder = this.#recorder;
    if (!recorder) return;
    const calls = this.#locate(spans, recorder).filter((located) => recorder.admits(located));
    for (const turn of groupTurns(
      calls.map((located) => ({ ...located, question: questionOf(located.call) })),
    ))
      recorder.recordTurn(turn);
  }

  /** The calls of a batch that were not recorded from a span of an earlier batch. */
  #locate(spans: readonly SpanLike[], recorder: RecordPipeline): LocatedCall[] {
    const located = locateCalls(spans, () => recorder.skip('unreadable'));
    const fresh = located.filter(({ call }) => !this.#memory.has(call));
    for (const { call } of fresh) if (hasContent(call)) this.#memory.add(call);
    for (let left = located.length - fresh.length; left > 0; left -= 1) recorder.skip('duplicate');
    return fresh;
  }
}

function once<T>(fn: (value: T) => void): (value: T) => void {
  let called = false;
  return (value) => {
    if (called) return;
    called = true;
    fn(value);
  };
}
