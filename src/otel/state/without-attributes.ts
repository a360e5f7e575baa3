import type { SpanLike } from '../../reading/model/span-like.js';

/** A view of a span that does not hold on to its attributes, which are most of its size. */
export function withoutAttributes(span: SpanLike): SpanLike {
  const ids = span.spanContext();
  return {
    name: span.name,
    ...(span.kind !== undefined && { kind: span.kind }),
    spanContext: () => ids,
    parentSpanContext: span.parentSpanContext,
    parentSpanId: span.parentSpanId,
    startTime: span.startTime,
    endTime: span.endTime,
    attributes: {},
  };
}
