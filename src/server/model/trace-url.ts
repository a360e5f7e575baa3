/** Shape of a template of addresses of traces, for messages. */
export const TRACE_URL_SHAPE =
  'an http or https address with {trace_id} in it, as in "https://traces.example.com/trace/{trace_id}"';

/** Returns true for a template that {@link traceUrl} can fill. */
export function isTraceUrlTemplate(template: unknown): template is string {
  if (typeof template !== 'string' || !template.includes('{trace_id}')) return false;
  const url = traceUrl(template, { traceId: '0'.repeat(32), spanId: '0'.repeat(16) });
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && !/[{}]/.test(url);
}

/** Returns the address of a trace in the reader's tracing tool. `{span_id}` is empty if the span is not known. */
export function traceUrl(
  template: string,
  { traceId, spanId = '' }: { readonly traceId: string; readonly spanId?: string | undefined },
): string {
  return template
    .replaceAll('{trace_id}', encodeURIComponent(traceId))
    .replaceAll('{span_id}', encodeURIComponent(spanId));
}
