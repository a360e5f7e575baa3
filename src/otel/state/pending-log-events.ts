import { recordId } from '../../common/record-id.js';
import { estimateSize, WaitingItems, type WaitingLimits } from '../../common/collections/waiting-items.js';
import type { SpanEventLike, SpanLike } from '../../reading/model/span-like.js';
import { withEvents } from './span-views.js';

/** Ids of the span that a log record belongs to. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * Buffer of log records. The span processor gets it from the log record processor, so that its code is in no bundle of an application
 * without one.
 */
export interface LogEventBuffer {
  add(ids: SpanIds, event: SpanEventLike): void;
  take(ids: SpanIds): readonly SpanEventLike[];
  attach(span: SpanLike): SpanLike;
  clear(): void;
}

const DEFAULT_LIMITS: WaitingLimits = { maxItems: 20_000, maxSize: 16_000_000, maxAgeMs: 15 * 60_000 };

/** Log records, as events, that wait for the end of their span. Bounded by count, size and age; the oldest span is forgotten first. */
export class PendingLogEvents implements LogEventBuffer {
  readonly #waiting: WaitingItems<SpanEventLike>;

  constructor(limits: Partial<WaitingLimits> = {}, now: () => number = Date.now) {
    this.#waiting = new WaitingItems({ ...DEFAULT_LIMITS, ...limits }, undefined, now);
  }

  get eventCount(): number {
    return this.#waiting.count;
  }

  add(ids: SpanIds, event: SpanEventLike): void {
    this.#waiting.add(recordId(ids), event, estimateSize(event.attributes));
  }

  /** Returns and forgets the events of a span, in the order of arrival. */
  take(ids: SpanIds): readonly SpanEventLike[] {
    return this.#waiting.take(recordId(ids));
  }

  /** Returns a view of the span with its pending events, which are forgotten. Without events: the span itself. */
  attach(span: SpanLike): SpanLike {
    const events = this.#waiting.count === 0 ? [] : this.take(span.spanContext());
    return events.length === 0 ? span : withEvents(span, events);
  }

  clear(): void {
    this.#waiting.clear();
  }
}
