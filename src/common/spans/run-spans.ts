import {
  type Context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  type SpanOptions,
  type TracerProvider,
} from '@opentelemetry/api';
import { hasMethod } from '../unknown-values.js';

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
 *
 * Lives on a global symbol, so that the ESM and the CommonJS copy of this package share it. Handlers of `./langchain` at one provider have
 * a common registry of runs and do not need it: it exists once the process has a handler of `./standalone`, because an entry for each run
 * is a sixth of what the handler costs (test/bench/langchain.mjs).
 */
const RUN_SPANS = Symbol.for('opentelemetry-exporter-trubrics.run-spans.1');

type RunSpans = WeakMap<object, Map<string, RunSpan>>;
type RunSpansHolder = { [RUN_SPANS]?: RunSpans };

/** Makes the handlers of this process share the spans of runs that start from now on. */
export function shareRunSpans(): void {
  const holder = globalThis as RunSpansHolder;
  holder[RUN_SPANS] ??= new WeakMap();
}

/** Returns true if the process has handlers that look for the spans of others. */
export function areRunSpansShared(): boolean {
  return runSpans() !== undefined;
}

/** Returns the span that another handler started for the run at the same provider. */
export function findRunSpan(provider: TracerProvider, { runId, tags }: RunKey): RunSpan | undefined {
  if (!isKey(tags)) return undefined;
  let found = runSpans()?.get(tags)?.get(runId);
  while (found && found.provider !== provider) found = found.other;
  return found;
}

/** Remembers the span of a run, unless it has no ids. */
export function shareRunSpan(
  provider: TracerProvider,
  { runId, tags }: RunKey,
  { spanContext, resource, wasProcessed }: SpanSummary,
): RunSpan {
  const spans = runSpans();
  const byRunId = isKey(tags) ? spans?.get(tags) : undefined;
  const other = byRunId?.get(runId);
  const shared: RunSpan = { provider, spanContext, resource, wasProcessed, claims: [], other };
  if (!isKey(tags) || !isSpanContextValid(spanContext)) return shared;
  if (byRunId) byRunId.set(runId, shared);
  else spans?.set(tags, new Map([[runId, shared]]));
  return shared;
}

/** Returns the provider that is registered behind a proxy. Tests the member, because each copy of the API has a class of its own. */
export function actualProvider(provider: TracerProvider): TracerProvider {
  return hasMethod(provider, 'getDelegate') ? (provider.getDelegate() as TracerProvider) : provider;
}

function isKey(tags: unknown): tags is object {
  return typeof tags === 'object' && tags !== null;
}

function runSpans(): RunSpans | undefined {
  return (globalThis as RunSpansHolder)[RUN_SPANS];
}
