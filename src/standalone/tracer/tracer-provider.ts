import {
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  ProxyTracerProvider,
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
import { wasProcessed } from '../../common/processed-spans.js';
import { isTracingSuppressed } from '../../common/suppress-tracing.js';
import { isRecord } from '../../common/unknown-values.js';
import type { ResourceLike, SpanLike } from '../../reading/model/span-like.js';
import { randomSpanId, randomTraceId } from './ids.js';
import { RecordedSpan } from './recorded-span.js';
import { type SpanLimits, spanLimits } from './span-limits.js';

/** Gets the spans of the tracer, as an OpenTelemetry span processor does. */
export interface SpanListener {
  onStart(span: RecordedSpan, parentContext: Context): void;
  onEnd(span: RecordedSpan): void;
}

/**
 * Makes spans that are recorded with or without an OpenTelemetry SDK.
 *
 * The application's tracer provider is looked up at each start, so that one that is registered later, or replaced, is used from then on.
 * If it records the span, ours has the same ids and writes through to it. If there is none, or it does not record (sampled out), ours
 * stands alone: with the ids that the application's tracer gave, otherwise with ids of its own and the caller's active span as parent.
 *
 * If the application's provider has a `TrubricsSpanProcessor` itself, that one makes the record, and the listener is not called.
 */
export class StandaloneTracerProvider implements TracerProvider {
  readonly #listener: SpanListener;
  readonly #resource: ResourceLike;
  readonly #limits: SpanLimits;
  readonly #applicationProvider: TracerProvider | undefined;

  /** `applicationProvider`: default the one that is registered globally when a span starts. */
  constructor(listener: SpanListener, resource: ResourceLike, applicationProvider?: TracerProvider) {
    this.#listener = listener;
    this.#resource = resource;
    this.#limits = spanLimits();
    this.#applicationProvider = applicationProvider;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    return new StandaloneTracer(
      { name, version },
      () => tracerOf(this.#applicationProvider ?? trace.getTracerProvider(), name, version, options),
      this.#listener,
      this.#resource,
      this.#limits,
    );
  }
}

class StandaloneTracer implements Tracer {
  readonly #scope: { readonly name: string; readonly version: string | undefined };
  readonly #applicationTracer: () => Tracer | undefined;
  readonly #listener: SpanListener;
  readonly #resource: ResourceLike;
  readonly #limits: SpanLimits;

  constructor(
    scope: { readonly name: string; readonly version: string | undefined },
    applicationTracer: () => Tracer | undefined,
    listener: SpanListener,
    resource: ResourceLike,
    limits: SpanLimits,
  ) {
    this.#scope = scope;
    this.#applicationTracer = applicationTracer;
    this.#listener = listener;
    this.#resource = resource;
    this.#limits = limits;
  }

  startSpan(name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span {
    if (isTracingSuppressed(parentContext)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const theirs = guard('tracer of the application', () =>
      readApplicationSpan(this.#applicationTracer()?.startSpan(name, options, parentContext)),
    );
    const isRecordedElsewhere = theirs?.wasProcessed === true;
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
        resource: theirs?.resource ?? this.#resource,
        limits: this.#limits,
        applicationSpan: theirs?.recording,
        callerSpan: parent && callerSpanOf(trace.getSpan(parentContext)),
      },
      isRecordedElsewhere ? undefined : (ended) => this.#listener.onEnd(ended),
    );
    if (!isRecordedElsewhere) this.#listener.onStart(span, parentContext);
    return span;
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

/** The provider's own tracer. `undefined`: no provider is registered behind the global proxy. */
function tracerOf(
  provider: TracerProvider,
  name: string,
  version: string | undefined,
  options: TracerOptions | undefined,
): Tracer | undefined {
  if (provider instanceof ProxyTracerProvider) return provider.getDelegateTracer(name, version, options);
  return provider.getTracer(name, version, options);
}

/** A span of the application's tracer, as far as it is needed. */
interface ApplicationSpan {
  readonly spanContext: SpanContext;
  /** Undefined for spans of other tracers than the SDK's, which do not show theirs. */
  readonly resource: ResourceLike | undefined;
  /** A `TrubricsSpanProcessor` of the application has seen it. */
  readonly wasProcessed: boolean;
  /** The span itself, if it records. */
  readonly recording: Span | undefined;
}

function readApplicationSpan(span: Span | undefined): ApplicationSpan | undefined {
  if (!span) return undefined;
  const { resource } = span as { readonly resource?: ResourceLike };
  return {
    spanContext: span.spanContext(),
    resource: isRecord(resource?.attributes) ? resource : undefined,
    wasProcessed: wasProcessed(span),
    recording: span.isRecording() ? span : undefined,
  };
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
