import { TrubricsCallbackHandler } from '../langchain/handler/callback-handler.js';
import type { TrubricsStats } from '../pipeline/trubrics-stats.js';
import type { SpanExplanation } from '../reading/advice/span-explanation.js';
import type { FeedbackInput } from '../records/feedback/to-feedback-event.js';
import type { RecordSink } from './record-sink.js';

/**
 * A {@link TrubricsCallbackHandler} that brings its own tracer and delivery: see {@link trubricsHandler}.
 *
 * Its methods are called by LangChain. They return at once and never throw.
 */
export class TrubricsHandler extends TrubricsCallbackHandler {
  readonly #sink: RecordSink;

  /** @internal Made by {@link trubricsHandler}. */
  constructor(options: Readonly<Record<string, unknown>>, sink: RecordSink) {
    super({ ...options, tracerProvider: sink.tracerProvider });
    this.#sink = sink;
  }

  /**
   * Resolves when every call that ended before is delivered, spooled or dropped, or after `flushTimeoutMs`. Never rejects. Call it
   * before a serverless invocation ends; at the end of a process, `flushOnExit` does.
   */
  flush(): Promise<void> {
    return this.#sink.flush();
  }

  /**
   * Ends the runs of this handler that are still open, such as streams that nobody read to the end, and flushes. The last handler of
   * a set of options also shuts its delivery down: what it records after that is counted as dropped.
   */
  override async shutdown(): Promise<void> {
    await super.shutdown();
    await this.#sink.release();
  }

  /** Returns what became of the last spans: see `TrubricsSpanProcessor.explain()`. Empty without a host. */
  explain(): SpanExplanation[] {
    return this.#sink.explain();
  }

  /** Numbers of records, events, skipped calls and drops. Handlers with the same options share them. */
  stats(): TrubricsStats {
    return this.#sink.stats();
  }

  /**
   * Sends feedback on an answer as an event `Feedback`:
   *
   * ```ts
   * handler.trackFeedback({ runId, userId: 'ada', score: '👍', comment: 'Just what I needed.' });
   * ```
   */
  trackFeedback(feedback: FeedbackInput): void {
    this.#sink.trackFeedback(feedback);
  }
}
