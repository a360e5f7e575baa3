import { recordId } from '../../common/record-id.js';
import type { SpanEventLike, SpanLike } from '../../reading/model/span-like.js';
import { withEvents } from './span-views.js';

/** Ids of the span that a log record belongs to. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** Limits of {@link PendingLogEvents}. */
export interface PendingLogEventsLimits {
  readonly maxEvents: number;
  /** Characters of all texts, roughly. */
  readonly maxSize: number;
  /** Milliseconds after the first event of a span. */
  readonly maxAgeMs: number;
}

const DEFAULT_LIMITS: PendingLogEventsLimits = {
  maxEvents: 20_000,
  maxSize: 16_000_000,
  maxAgeMs: 15 * 60_000,
};

interface EventsOfSpan {
  readonly firstMs: number;
  readonly events: SpanEventLike[];
  size: number;
}

/**
 * Log records, as events, that wait for the end of their span. Bounded by count, size and age; the oldest span is forgotten first. It
 * needs no timer, because every `add()` removes what exceeds the limits.
 */
export class PendingLogEvents {
  /** Sorted by the time of the first event. */
  readonly #bySpan = new Map<string, EventsOfSpan>();
  readonly #limits: PendingLogEventsLimits;
  readonly #now: () => number;
  #eventCount = 0;
  #size = 0;

  constructor(limits: Partial<PendingLogEventsLimits> = {}, now: () => number = Date.now) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#now = now;
  }

  get eventCount(): number {
    return this.#eventCount;
  }

  add(ids: SpanIds, event: SpanEventLike): void {
    const now = this.#now();
    const size = sizeOf(event.attributes);
    const key = recordId(ids);
    const pending = this.#bySpan.get(key) ?? { firstMs: now, events: [], size: 0 };
    this.#bySpan.set(key, pending);
    pending.events.push(event);
    pending.size += size;
    this.#eventCount += 1;
    this.#size += size;
    this.#evict(now);
  }

  /** Returns and forgets the events of a span, in the order of arrival. */
  take(ids: SpanIds): readonly SpanEventLike[] {
    return this.#forget(recordId(ids))?.events ?? [];
  }

  /** Returns a view of the span with its pending events, which are forgotten. Without events: the span itself. */
  attach(span: SpanLike): SpanLike {
    const events = this.#bySpan.size === 0 ? [] : this.take(span.spanContext());
    return events.length === 0 ? span : withEvents(span, events);
  }

  clear(): void {
    this.#bySpan.clear();
    this.#eventCount = 0;
    this.#size = 0;
  }

  #evict(now: number): void {
    const { maxEvents, maxSize, maxAgeMs } = this.#limits;
    for (const [key, { firstMs }] of this.#bySpan) {
      const isFull = this.#eventCount > maxEvents || this.#size > maxSize;
      if (!isFull && now - firstMs <= maxAgeMs) return;
      this.#forget(key);
    }
  }

  #forget(key: string): EventsOfSpan | undefined {
    const pending = this.#bySpan.get(key);
    if (!pending) return undefined;
    this.#bySpan.delete(key);
    this.#eventCount -= pending.events.length;
    this.#size -= pending.size;
    return pending;
  }
}

/** Depth of nesting that is counted. Messages are not nested deeper. */
const MAX_DEPTH = 8;

/** Estimates the size of a value: characters of all texts, and 8 for everything else. */
function sizeOf(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let size = 8;
  for (const member of Object.values(value)) size += sizeOf(member, depth + 1);
  return size;
}
