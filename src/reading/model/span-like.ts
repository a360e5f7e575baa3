/** Seconds and nanoseconds since the epoch, as the OpenTelemetry JS SDK writes times. */
export type HrTime = readonly [seconds: number, nanoseconds: number];

/** A span event, read structurally. */
export interface SpanEventLike {
  readonly name: string;
  readonly time?: HrTime;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/**
 * An OpenTelemetry span, ended or still open, read structurally. The `ReadableSpan` of the JS SDK 1.x, 2.x and 3.x fits, and so does a
 * span decoded from OTLP. It is never written to.
 *
 * SDK 1.x has `parentSpanId` and `instrumentationLibrary`; 2.x and later have `parentSpanContext` and `instrumentationScope`.
 */
export interface SpanLike {
  readonly name: string;
  readonly kind?: number;
  spanContext(): { readonly traceId: string; readonly spanId: string; readonly traceFlags?: number };
  readonly parentSpanContext?: { readonly spanId: string; readonly isRemote?: boolean } | undefined;
  readonly parentSpanId?: string | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  /** False until the span ends. Spans without the field have ended. */
  readonly ended?: boolean | undefined;
  readonly status?: { readonly code: number; readonly message?: string | undefined };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events?: readonly SpanEventLike[];
  readonly droppedAttributesCount?: number;
  readonly droppedEventsCount?: number;
  readonly resource?: ResourceLike | undefined;
  readonly instrumentationScope?: ScopeLike | undefined;
  readonly instrumentationLibrary?: ScopeLike | undefined;
}

/** Returns the id of the parent span, which may be in another process; `undefined` for the root of a trace. */
export function parentSpanIdOf(
  span: Pick<SpanLike, 'parentSpanContext' | 'parentSpanId'>,
): string | undefined {
  return span.parentSpanContext?.spanId ?? span.parentSpanId;
}

/** The resource of a span. Attributes may be pending while resource detectors run. */
export interface ResourceLike {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly asyncAttributesPending?: boolean | undefined;
  waitForAsyncAttributes?(): Promise<void>;
}

/** The instrumentation scope of a span: the library that wrote it. */
export interface ScopeLike {
  readonly name: string;
  readonly version?: string | undefined;
}

/** Returns the name of the instrumentation scope, the library that wrote the span. SDK 1.x calls the scope a library. */
export function scopeNameOf(span: SpanLike): string {
  return span.instrumentationScope?.name ?? span.instrumentationLibrary?.name ?? '';
}
