/** Deepest nesting of an attribute value. Deeper ones come from attacks, not from instrumentations. */
export const MAX_VALUE_DEPTH = 32;

/**
 * A trace export request in the shape of OTLP/JSON. The protobuf reader produces the same shape, so that one function reads both. All
 * fields are optional, because exporters leave out empty ones.
 */
export interface ExportTraceRequest {
  readonly resourceSpans?: readonly ResourceSpans[];
}

export interface ResourceSpans {
  readonly resource?: { readonly attributes?: readonly KeyValue[] };
  readonly scopeSpans?: readonly ScopeSpans[];
  /** Name of `scopeSpans` before OTLP 1.0. */
  readonly instrumentationLibrarySpans?: readonly ScopeSpans[];
}

export interface ScopeSpans {
  readonly scope?: { readonly name?: string; readonly version?: string };
  readonly instrumentationLibrary?: { readonly name?: string; readonly version?: string };
  readonly spans?: readonly OtlpSpan[];
}

export interface OtlpSpan {
  /** Hexadecimal, like `spanId` and `parentSpanId`. */
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  /** A number, or the name of the enum value, such as `SPAN_KIND_CLIENT`. */
  readonly kind?: number | string;
  readonly startTimeUnixNano?: OtlpInt64;
  readonly endTimeUnixNano?: OtlpInt64;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly OtlpEvent[];
  readonly status?: { readonly code?: number | string; readonly message?: string };
  /** Set by the protobuf reader: the message cannot be read. */
  readonly isUnreadable?: boolean;
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
  /** Base64 in JSON, bytes in protobuf. */
  readonly bytesValue?: string | Uint8Array;
  /** Set by the protobuf reader: the value is nested too deep, or cannot be read. */
  readonly isUnreadable?: boolean;
}

/** A number from JavaScript exporters, a string from others, a bigint from protobuf. */
export type OtlpInt64 = number | string | bigint;
