/** Content types of OTLP/HTTP. A response has the type of its request. */
export type OtlpType = 'application/json' | 'application/x-protobuf';

/** `ExportTracePartialSuccess` or `ExportLogsPartialSuccess`: problems of a request that was accepted. */
export interface PartialSuccess {
  readonly rejected: number;
  /** Name of that number in JSON. */
  readonly field: 'rejectedSpans' | 'rejectedLogRecords';
  /** With 0 rejected items, it is a warning. */
  readonly errorMessage: string;
}

/** Encodes `ExportTraceServiceResponse`, or that of logs, which has the same numbers. Without `partial` it is an empty message. */
export function encodeSuccess(type: OtlpType, partial?: PartialSuccess): Uint8Array<ArrayBuffer> {
  if (type === 'application/json') {
    // OTLP/JSON writes an int64 as a string.
    const partialSuccess = partial && {
      [partial.field]: String(partial.rejected),
      errorMessage: partial.errorMessage,
    };
    return utf8(JSON.stringify({ partialSuccess }));
  }
  if (!partial) return new Uint8Array();
  const rejected = partial.rejected > 0 ? [0x08, ...varint(partial.rejected)] : [];
  return lengthDelimited(1, new Uint8Array([...rejected, ...lengthDelimited(2, utf8(partial.errorMessage))]));
}

/** Encodes `google.rpc.Status` with the message only; the code is the HTTP status. */
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
