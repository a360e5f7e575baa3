import { getContent, putContent } from '../../common/content-channel.js';
import type { SpanEventLike, SpanLike } from '../../reading/model/span-like.js';
import { recordId } from '../../common/record-id.js';

/** Which span a log record belongs to. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** How much waits for spans to end, and how long. */
export interface PendingLogEventsLimits {
  readonly maxEvents: number;
  /** Roughly: characters of the texts. */
  readonly maxSize: number;
  readonly maxAgeMs: number;
}

const DEFAULT_LIMITS: PendingLogEventsLimits = {
  maxEvents: 20_000,
  maxSize: 16_000_000,
  maxAgeMs: 15 * 60_000,
};

interface Waiting {
  readonly since: number;
  readonly events: SpanEventLike[];
  size: number;
}

/**
 * What log records say of spans that have not ended: messages, as events. Bounded by count, size and age, the oldest span is
 * forgotten first; swept whenever something is added, so that no timer is needed.
 */
export class PendingLogEvents {
  /** In the order of the first event. */
  readonly #bySpan = new Map<string, Waiting>();
  readonly #limits: PendingLogEventsLimits;
  readonly #now: () => number;
  #count = 0;
  #size = 0;

  constructor(limits: Partial<PendingLogEventsLimits> = {}, now: () => number = Date.now) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#now = now;
  }

  /** How many events wait. */
  get count(): number {
    return this.#count;
  }

  add(ids: SpanIds, event: SpanEventLike): void {
    const now = this.#now();
    const size = sizeOf(event.attributes);
    const key = recordId(ids);
    const waiting = this.#bySpan.get(key) ?? { since: now, events: [], size: 0 };
    this.#bySpan.set(key, waiting);
    waiting.events.push(event);
    waiting.size += size;
    this.#count += 1;
    this.#size += size;
    this.#sweep(now);
  }

  /** The events of a span, in the order in which they came. They are forgotten. */
  take(ids: SpanIds): readonly SpanEventLike[] {
    return this.#forget(recordId(ids))?.events ?? [];
  }

  /** The span with the events that waited for it, or the span itself when there are none. They are forgotten. */
  attach(span: SpanLike): SpanLike {
    const events = this.#bySpan.size === 0 ? [] : this.take(span.spanContext());
    return events.length === 0 ? span : withEvents(span, events);
  }

  clear(): void {
    this.#bySpan.clear();
    this.#count = 0;
    this.#size = 0;
  }

  #sweep(now: number): void {
    const { maxEvents, maxSize, maxAgeMs } = this.#limits;
    for (const [key, { since }] of this.#bySpan) {
      const isFull = this.#count > maxEvents || this.#size > maxSize;
      if (!isFull && now - since <= maxAgeMs) return;
      this.#forget(key);
    }
  }

  #forget(key: string): Waiting | undefined {
    const waiting = this.#bySpan.get(key);
    if (!waiting) return undefined;
    this.#bySpan.delete(key);
    this.#count -= waiting.events.length;
    this.#size -= waiting.size;
    return waiting;
  }
}

/** A view of a span with more events. The span itself belongs to others: it is not changed. */
function withEvents(span: SpanLike, events: readonly SpanEventLike[]): SpanLike {
  const view: SpanLike = {
    name: span.name,
    ...(span.kind !== undefined && { kind: span.kind }),
    spanContext: () => span.spanContext(),
    parentSpanContext: span.parentSpanContext,
    parentSpanId: span.parentSpanId,
    startTime: span.startTime,
    endTime: span.endTime,
    ...(span.status && { status: span.status }),
    attributes: span.attributes,
    events: [...(span.events ?? []), ...events],
    droppedAttributesCount: span.droppedAttributesCount ?? 0,
    droppedEventsCount: span.droppedEventsCount ?? 0,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    instrumentationLibrary: span.instrumentationLibrary,
  };
  const beside = getContent(span);
  if (beside) putContent(view, beside);
  return view;
}

/** Deep enough for messages; what lies deeper is not counted. */
const MAX_DEPTH = 8;

/** Characters of all texts, and a little for everything else. */
function sizeOf(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let size = 8;
  for (const member of Object.values(value)) size += sizeOf(member, depth + 1);
  return size;
}
