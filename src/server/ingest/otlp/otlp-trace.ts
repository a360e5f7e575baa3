/**
 * What a trace export request carries, in the form that OTLP/JSON gives it. The protobuf reader makes the same form, so that one
 * piece of code reads both. Everything is optional: senders leave out what is empty, and unknown fields are passed over.
 */
export interface ExportTraceRequest {
  readonly resourceSpans?: readonly ResourceSpans[];
}

export interface ResourceSpans {
  readonly resource?: { readonly attributes?: readonly KeyValue[] };
  readonly scopeSpans?: readonly ScopeSpans[];
  /** What `scopeSpans` was called before OTLP 1.0. */
  readonly instrumentationLibrarySpans?: readonly ScopeSpans[];
}

export interface ScopeSpans {
  readonly scope?: { readonly name?: string; readonly version?: string };
  readonly instrumentationLibrary?: { readonly name?: string; readonly version?: string };
  readonly spans?: readonly OtlpSpan[];
}

export interface OtlpSpan {
  /** Hexadecimal, as `spanId` and `parentSpanId`. */
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: OtlpInt64;
  readonly endTimeUnixNano?: OtlpInt64;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly OtlpEvent[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export interface OtlpEvent {
  readonly name?: string;
  readonly timeUnixNano?: OtlpInt64;
  readonly attributes?: readonly KeyValue[];
}

export interface KeyValue {
  readonly key?: string;
  readonly value?: AnyValue;
}

export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: OtlpInt64;
  readonly doubleValue?: number | string;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
  /** Base64; from protobuf as bytes. */
  readonly bytesValue?: string | Uint8Array;
}

/** JavaScript senders write numbers, all others texts. */
export type OtlpInt64 = number | string | bigint;
