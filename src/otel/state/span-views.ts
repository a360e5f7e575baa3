import { getContent, putContent } from '../../common/content-channel.js';
import type { SpanEventLike, SpanLike } from '../../reading/model/span-like.js';

/** Returns a view of a span with further events. The span belongs to others and is not changed. */
export function withEvents(span: SpanLike, events: readonly SpanEventLike[]): SpanLike {
  const view: SpanLike = {
    ...frameOf(span),
    ...(span.status && { status: span.status }),
    attributes: span.attributes,
    events: [...(span.events ?? []), ...events],
    droppedAttributesCount: span.droppedAttributesCount ?? 0,
    droppedEventsCount: span.droppedEventsCount ?? 0,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    instrumentationLibrary: span.instrumentationLibrary,
  };
  const content = getContent(span);
  if (content) putContent(view, content);
  return view;
}

/** Returns a view of a span that holds no reference to its attributes, which are most of its size. */
export function withoutAttributes(span: SpanLike): SpanLike {
  return { ...frameOf(span), attributes: {} };
}

/** Copies name, ids and times. Not by spreading: an SDK span has getters on its prototype. */
function frameOf(span: SpanLike): Omit<SpanLike, 'attributes'> {
  const ids = span.spanContext();
  return {
    name: span.name,
    ...(span.kind !== undefined && { kind: span.kind }),
    spanContext: () => ids,
    parentSpanContext: span.parentSpanContext,
    parentSpanId: span.parentSpanId,
    startTime: span.startTime,
    endTime: span.endTime,
  };
}
