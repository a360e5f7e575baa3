import {
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  trace,
  TraceFlags,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
} from '@opentelemetry/api';
import { guard } from '../../common/guard.js';
import {
  actualProvider,
  type RunKey,
  type RunSpans,
  type RunTracer,
  shareRunSpans,
  type SpanSummary,
  type StartedSpan,
} from '../../common/spans/run-spans.js';
import { isTracingSuppressed } from '../../common/suppress-tracing.js';
import { wasProcessed } from '../../common/spans/processed-spans.js';
import { asRecord, isRecord } from '../../common/unknown-values.js';
import type { ResourceLike, SpanLike } from '../../reading/model/span-like.js';
import { randomSpanId, randomTraceId } from './ids.js';
import { RecordedSpan } from './recorded-span.js';
import { type SpanLimits, spanLimits } from './span-limits.js';

/** Gets the spans of the tracer, as an OpenTelemetry span processor does. */
export interface SpanListener {
  onStart(span: RecordedSpan, parentContext: Context): void;
  onEnd(span: RecordedSpan): void;
}

/** State that the spans of one tracer provider share. */
export interface StandaloneTracing {
  readonly listener: SpanListener;
  readonly resource: ResourceLike;
  /** Default: the provider that is registered globally when a span starts. */
  readonly applicationProvider?: TracerProvider | undefined;
  /** Identifies where records go. Of several handlers with the same destination, the first to report a run records it. */
  readonly destinationKey?: string;
}

/**
 * Makes spans that are recorded with or without an OpenTelemetry SDK.
 *
 * The application's tracer provider is looked up at each start, so that one that is registered later, or replaced, is used from then on.
 * If it records the span, ours has the same ids and writes through to it. If there is none, or it does not record (sampled out), ours
 * stands alone: with the ids that the application's tracer gave, otherwise with ids of its own and the caller's active span as parent.
 * If another handler has started the span of the same run, ours has the ids of that one and does not write to it.
 *
 * The listener is not called if the record is made elsewhere: by a `TrubricsSpanProcessor` of the application's provider, or for another
 * handler with the same destination.
 */
export class StandaloneTracerProvider implements TracerProvider {
  readonly #tracing: StandaloneTracing;
  readonly #runSpans = shareRunSpans();

  constructor(tracing: StandaloneTracing) {
    this.#tracing = tracing;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): StandaloneTracer {
    return new StandaloneTracer({ name, version }, options, this.#tracing, this.#runSpans);
  }
}

class StandaloneTracer implements Tracer, RunTracer {
  readonly #scope: { readonly name: string; readonly version: string | undefined };
  readonly #options: TracerOptions | undefined;
  readonly #tracing: StandaloneTracing;
  readonly #runSpans: RunSpans;
  readonly #limits: SpanLimits = spanLimits();

  constructor(
    scope: { readonly name: string; readonly version: string | undefined },
    options: TracerOptions | undefined,
    tracing: StandaloneTracing,
    runSpans: RunSpans,
  ) {
    this.#scope = scope;
    this.#options = options;
    this.#tracing = tracing;
    this.#runSpans = runSpans;
  }

  startSpan(name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span {
    if (isTracingSuppressed(parentContext)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const theirs = this.#startApplicationSpan(this.#provider(), name, options, parentContext);
    return this.#record(name, options, parentContext, theirs, theirs?.wasProcessed === true);
  }

  startRunSpan(run: RunKey, name: string, options: SpanOptions, parentContext: Context): StartedSpan {
    if (isTracingSuppressed(parentContext))
      return { span: trace.wrapSpanContext(INVALID_SPAN_CONTEXT), isRepeated: false };
    const provider = this.#provider();
    const known = this.#runSpans.find(provider, run);
    const theirs: ApplicationSpan | undefined =
      known ?? this.#startApplicationSpan(provider, name, options, parentContext);
    const { destinationKey } = this.#tracing;
    const isClaimed = destinationKey !== undefined && known?.claims.includes(destinationKey) === true;
    const wasRecorded = isClaimed || theirs?.wasProcessed === true;
    const span = this.#record(name, options, parentContext, theirs, wasRecorded);
    const { claims } =
      known ??
      this.#runSpans.add(provider, run, { wasProcessed: false, ...theirs, spanContext: span.spanContext() });
    if (destinationKey !== undefined && !isClaimed) claims.push(destinationKey);
    return { span, isRepeated: known !== undefined };
  }

  /** `isRecordedElsewhere`: the listener is not called. */
  #record(
    name: string,
    options: SpanOptions,
    parentContext: Context,
    theirs: ApplicationSpan | undefined,
    isRecordedElsewhere: boolean,
  ): RecordedSpan {
    const { listener, resource } = this.#tracing;
    const parent = options.root === true ? undefined : validParent(parentContext);
    const span = new RecordedSpan(
      {
        name,
        kind: options.kind ?? SpanKind.INTERNAL,
        spanContext: spanContextOf(theirs?.spanContext, parent),
        parent,
        attributes: options.attributes,
        startTime: options.startTime,
        scope: this.#scope,
        resource: isResource(theirs?.resource) ? theirs.resource : resource,
        limits: this.#limits,
        applicationSpan: theirs?.recording,
        callerSpan: parent && callerSpanOf(trace.getSpan(parentContext)),
      },
      isRecordedElsewhere ? undefined : (ended) => listener.onEnd(ended),
    );
    if (!isRecordedElsewhere) listener.onStart(span, parentContext);
    return span;
  }

  #provider(): TracerProvider {
    return actualProvider(this.#tracing.applicationProvider ?? trace.getTracerProvider());
  }

  /** Returns undefined if the tracer throws. */
  #startApplicationSpan(
    provider: TracerProvider,
    name: string,
    options: SpanOptions,
    parentContext: Context,
  ): ApplicationSpan | undefined {
    const { name: scope, version } = this.#scope;
    return guard('tracer of the application', () =>
      readApplicationSpan(
        provider.getTracer(scope, version, this.#options).startSpan(name, options, parentContext),
      ),
    );
  }

  startActiveSpan<F extends (span: Span) => ReturnType<F>>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    const fn = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parentContext = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, parentContext);
    return context.with(trace.setSpan(parentContext, span), fn, undefined, span);
  }
}

/** A span of the application's tracer, as far as it is needed. */
interface ApplicationSpan extends SpanSummary {
  /** The span itself, if it records, and no other handler writes to it. */
  readonly recording?: Span | undefined;
}

function readApplicationSpan(span: Span): ApplicationSpan {
  return {
    spanContext: span.spanContext(),
    resource: asRecord(span)['resource'],
    wasProcessed: wasProcessed(span),
    recording: span.isRecording() ? span : undefined,
  };
}

function isResource(resource: unknown): resource is ResourceLike {
  return isRecord(asRecord(resource)['attributes']);
}

/** Returns the ids that the application's tracer gave, or new ones below the parent. */
function spanContextOf(given: SpanContext | undefined, parent: SpanContext | undefined): SpanContext {
  // A tracer that does not record may return the parent's ids.
  if (given && isSpanContextValid(given) && given.spanId !== parent?.spanId) return given;
  return {
    traceId: parent?.traceId ?? randomTraceId(),
    spanId: randomSpanId(),
    traceFlags: parent?.traceFlags ?? TraceFlags.SAMPLED,
    ...(parent?.traceState && { traceState: parent.traceState }),
  };
}

function validParent(parentContext: Context): SpanContext | undefined {
  const parent = trace.getSpanContext(parentContext);
  return parent && isSpanContextValid(parent) ? parent : undefined;
}

/** The span of the application that encloses a run. Spans of the SDK show their attributes, others are of no use. */
function callerSpanOf(parent: Span | undefined): SpanLike | undefined {
  if (parent instanceof RecordedSpan) return parent.callerSpan;
  return isRecord((parent as Partial<SpanLike> | undefined)?.attributes)
    ? (parent as Span & SpanLike)
    : undefined;
}
