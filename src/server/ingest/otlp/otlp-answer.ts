/** The two types of OTLP/HTTP; an answer has the type of its request. */
export type OtlpType = 'application/json' | 'application/x-protobuf';

/** What was not taken of a request that was otherwise fine. */
export interface PartialSuccess {
  readonly rejectedSpans: number;
  /** With 0 rejected spans a warning. */
  readonly errorMessage: string;
}

/** `ExportTraceServiceResponse`. Without `partial`, all is well: an empty message. */
export function encodeSuccess(type: OtlpType, partial?: PartialSuccess): Uint8Array<ArrayBuffer> {
  if (type === 'application/json') {
    // An int64 is a text in OTLP/JSON.
    const partialSuccess = partial && { ...partial, rejectedSpans: String(partial.rejectedSpans) };
    return utf8(JSON.stringify({ partialSuccess }));
  }
  if (!partial) return new Uint8Array();
  const rejected = partial.rejectedSpans > 0 ? [0x08, ...varint(partial.rejectedSpans)] : [];
  return lengthDelimited(1, new Uint8Array([...rejected, ...lengthDelimited(2, utf8(partial.errorMessage))]));
}

/** `google.rpc.Status`, with the message alone: the HTTP status says the rest. */
export function encodeStatus(type: OtlpType, message: string): Uint8Array<ArrayBuffer> {
  return type === 'application/json' ? utf8(JSON.stringify({ message })) : lengthDelimited(2, utf8(message));
}

function lengthDelimited(field: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array([(field << 3) | 2, ...varint(bytes.length), ...bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
