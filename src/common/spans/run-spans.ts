import {
  type Context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  type SpanOptions,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { sharedState } from '../collections/shared-state.js';
import { asRecord, hasMethod } from '../unknown-values.js';
import { wasProcessed } from './processed-spans.js';

/** Identifies a LangChain run: its id, which several runs can have, and the array of tags that LangChain makes for each run. */
export interface RunKey {
  readonly runId: string;
  readonly tags: unknown;
}

/** The span of a run that has started. */
export interface StartedSpan {
  readonly span: Span;
  /** True if another handler started and describes the span: this one has the same ids, and what is written to it is discarded. */
  readonly isRepeated: boolean;
}

/** Starts the spans of runs, one for each run whatever handlers report it. */
export interface RunTracer {
  startRunSpan(run: RunKey, name: string, options: SpanOptions, parent: Context): StartedSpan;
}

/** Part of a run's span that another handler of the run needs. */
export interface SpanSummary {
  readonly spanContext: SpanContext;
  /** The resource of the span. Undefined for spans of other tracers than the SDK's, which do not show theirs. */
  readonly resource?: unknown;
  /** A `TrubricsSpanProcessor` of the application has seen the span. */
  readonly wasProcessed: boolean;
}

/**
 * Facts about a run's span, shared by the handlers of the run. It lives as long as the array of tags, so it has the ids of the span instead
 * of the span.
 */
export interface RunSpan extends SpanSummary {
  readonly provider: TracerProvider;
  /** Keys of the destinations to which a handler of `./standalone` sends the record of the run. */
  readonly claims: string[];
  /** The span of the same run at another provider. */
  readonly other: RunSpan | undefined;
}

/**
 * Spans of LangChain runs, by the array of tags and by run id: the prompts of one call share the array. Several handlers can report one
 * run to one tracer provider: `./langchain` beside `./standalone`, or two of `./standalone` with different options. The first starts
 * the span, the others use its ids.
 */
export class RunSpans {
  readonly #byTags = new WeakMap<object, Map<string, RunSpan>>();

  /** Returns the span that another handler started for the run at the same provider. */
  find(provider: TracerProvider, { runId, tags }: RunKey): RunSpan | undefined {
    let found = isKey(tags) ? this.#byTags.get(tags)?.get(runId) : undefined;
    while (found && found.provider !== provider) found = found.other;
    return found;
  }

  /** Remembers the span of a run, unless it has no ids. */
  add(
    provider: TracerProvider,
    { runId, tags }: RunKey,
    { spanContext, resource, wasProcessed: isProcessed }: SpanSummary,
  ): RunSpan {
    const byRunId = isKey(tags) ? this.#byTags.get(tags) : undefined;
    const other = byRunId?.get(runId);
    const added: RunSpan = { provider, spanContext, resource, wasProcessed: isProcessed, claims: [], other };
    if (!isKey(tags) || !isSpanContextValid(spanContext)) return added;
    if (byRunId) byRunId.set(runId, added);
    else this.#byTags.set(tags, new Map([[runId, added]]));
    return added;
  }

  /** Returns the span of a run: one with the ids of the span that another handler started, else the one that `startSpan` returns. */
  start(provider: TracerProvider, run: RunKey, startSpan: () => Span): StartedSpan {
    const known = this.find(provider, run);
    if (known) return { span: trace.wrapSpanContext(known.spanContext), isRepeated: true };
    const span = startSpan();
    const { resource } = asRecord(span);
    this.add(provider, run, { spanContext: span.spanContext(), resource, wasProcessed: wasProcessed(span) });
    return { span, isRepeated: false };
  }
}

/**
 * Lives on a global symbol, so that the ESM and the CommonJS copy of this package share it. Handlers of `./langchain` at one provider have
 * a common registry of runs and do not need it: it exists once the process has a handler of `./standalone`, because an entry for each run
 * is a sixth of what the handler costs (test/bench/langchain.mjs). Only `./standalone` has the code of the class.
 */
const RUN_SPANS = Symbol.for('opentelemetry-exporter-trubrics.run-spans.2');

/** Makes the handlers of this process share the spans of runs that start from now on. */
export function shareRunSpans(): RunSpans {
  return sharedState(RUN_SPANS, () => new RunSpans());
}

/** Returns the spans of runs that handlers share; undefined while the process has no handler that looks for the spans of others. */
export function sharedRunSpans(): RunSpans | undefined {
  return (globalThis as { [RUN_SPANS]?: RunSpans })[RUN_SPANS];
}

/** Returns the provider that is registered behind a proxy. Tests the member, because each copy of the API has a class of its own. */
export function actualProvider(provider: TracerProvider): TracerProvider {
  return hasMethod(provider, 'getDelegate') ? (provider.getDelegate() as TracerProvider) : provider;
}

function isKey(tags: unknown): tags is object {
  return typeof tags === 'object' && tags !== null;
}
