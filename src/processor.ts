import type { Context } from '@opentelemetry/api';
import { identityOf } from './context.js';
import { guard } from './guard.js';
import { ancestorsOf, OpenSpans, type OpenSpan } from './open-spans.js';
import { processEnvironment, resolveOptions, type TrubricsOptions } from './options.js';
import { collapseNested } from './reading/nested-calls.js';
import { readLlmCall, roleOf } from './reading/read-llm-call.js';
import type { LlmCall } from './reading/llm-call.js';
import type { SpanLike } from './reading/span-like.js';
import { NO_STATS, Recorder, type TrubricsStats } from './recorder.js';
import { ResourceWaits } from './resource-waits.js';
import { nearestCallAbove } from './records/to-prompt-records.js';
import type { TrackInput } from './records/to-tracked-event.js';

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
  readonly #recorder: Recorder | undefined;
  readonly #open = new OpenSpans();
  readonly #waits = new ResourceWaits();

  /** @throws TypeError for a wrong option, and when there is no key and `host` is not loopback. */
  constructor(options: TrubricsOptions = {}) {
    const resolved = resolveOptions(options, processEnvironment());
    this.#recorder = resolved.disabled ? undefined : new Recorder(resolved);
  }

  onStart(span: SpanLike, parentContext: Context): void {
    if (this.#recorder) guard('onStart', () => this.#open.start(span, identityOf(parentContext)));
  }

  onEnd(span: SpanLike): void {
    if (this.#recorder) guard('onEnd', () => this.#end(this.#open.end(span)));
  }

  /** Sends an event of the application, for instance a sign-up, to the same destination. */
  track(event: TrackInput): void {
    guard('track', () => this.#recorder?.track(event));
  }

  /** Resolves when everything that ended before the call is settled, or after `flushTimeoutMs`. Never rejects. */
  async forceFlush(): Promise<void> {
    await this.#waits.settled();
    await this.#recorder?.flush();
  }

  /** Like {@link forceFlush}; what could not be delivered by then is dropped and counted. */
  async shutdown(): Promise<void> {
    await this.#waits.settled();
    // A call that ended below one that never did is recorded by itself.
    for (const open of this.#open.clear()) this.#record(open.innerCalls);
    await this.#recorder?.shutdown();
  }

  /** What became of the LLM calls so far. */
  stats(): TrubricsStats {
    return this.#recorder?.stats() ?? NO_STATS;
  }

  #end(open: OpenSpan): void {
    if (roleOf(open.span) !== 'llm') return;
    this.#waits.run(open.span.resource, () => guard('onEnd', () => this.#read(open)));
  }

  #read(open: OpenSpan): void {
    const call = readLlmCall(open.span);
    if (!call) this.#recorder?.skip('unreadable');
    const calls = call ? collapse(call, open) : open.innerCalls;
    const ancestors = ancestorsOf(open);
    const ownerSpan = nearestCallAbove(ancestors.map((ancestor) => ancestor.span));
    const owner = ancestors.find((ancestor) => ancestor.span === ownerSpan);
    if (!owner) this.#record(calls);
    else if (!owner.ended) owner.innerCalls.push(...calls);
    else this.#recorder?.skip('duplicate');
  }

  #record(calls: OpenSpan['innerCalls']): void {
    for (const { call, open } of calls) {
      const ancestors = ancestorsOf(open).map((ancestor) => ancestor.span);
      this.#recorder?.record(call, { span: open.span, ancestors, ambient: open.ambient });
    }
  }
}

function collapse(call: LlmCall, open: OpenSpan): OpenSpan['innerCalls'] {
  const inner = open.innerCalls;
  const kept = collapseNested(
    call,
    inner.map((below) => below.call),
  );
  return kept.map((one) => inner.find((below) => below.call === one) ?? { call: one, open });
}
