/** Identifies a record made from a span: trace id and span id. Records made by hand have ids of any form. */
export type RecordId = `${string}-${string}`;

/** Returns the id of the record that is made from a span. */
export function recordId({
  traceId,
  spanId,
}: {
  readonly traceId: string;
  readonly spanId: string;
}): RecordId {
  return `${traceId}-${spanId}`;
}

/** Returns the trace id in the id of a record that was made from a span. */
export function traceIdOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('-')));
}
