import { recogniseSpan } from '../dialects/read-llm-call.js';
import type { RecognisedSpan } from '../dialects/recognise.js';
import { parentSpanIdOf, type SpanLike } from '../model/span-like.js';

/** The readable spans of a batch. Each span is recognised and asked for its ids once. */
export interface SpanBatch {
  readonly spans: readonly SpanLike[];
  readonly bySpanId: ReadonlyMap<string, SpanLike>;
  readonly parentIds: ReadonlyMap<SpanLike, string | undefined>;
  readonly recognised: ReadonlyMap<SpanLike, RecognisedSpan | undefined>;
}

/** Leaves out the spans that throw, so that one of them does not cost the calls of the others, and repeats of a span that was sent twice. */
export function readableSpans(
  spans: readonly SpanLike[],
  onUnreadable: ((span: SpanLike) => void) | undefined,
): SpanBatch {
  const readable: SpanLike[] = [];
  const bySpanId = new Map<string, SpanLike>();
  const parentIds = new Map<SpanLike, string | undefined>();
  const recognised = new Map<SpanLike, RecognisedSpan | undefined>();
  for (const span of spans) {
    try {
      const { spanId, traceId } = span.spanContext();
      if (bySpanId.get(spanId)?.spanContext().traceId === traceId) continue;
      parentIds.set(span, parentSpanIdOf(span));
      recognised.set(span, recogniseSpan(span));
      bySpanId.set(spanId, span);
      readable.push(span);
    } catch {
      onUnreadable?.(span);
    }
  }
  return { spans: readable, bySpanId, parentIds, recognised };
}

/** Returns the spans of the batch above a span, nearest first. Ends at a span that was met before: ids may form a circle. */
export function ancestorsInBatch(span: SpanLike, { bySpanId, parentIds }: SpanBatch): readonly SpanLike[] {
  const parentOf = (child: SpanLike): SpanLike | undefined => {
    const parentId = parentIds.get(child);
    return parentId === undefined ? undefined : bySpanId.get(parentId);
  };
  const ancestors: SpanLike[] = [];
  let ancestor = parentOf(span);
  while (ancestor && ancestor !== span && !ancestors.includes(ancestor)) {
    ancestors.push(ancestor);
    ancestor = parentOf(ancestor);
  }
  return ancestors;
}
