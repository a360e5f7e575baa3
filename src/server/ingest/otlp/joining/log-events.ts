import { createHash } from 'node:crypto';
import { ATTR_TRUBRICS_RECORD } from '../../../../common/semconv.js';
import type { HrTime, SpanEventLike, SpanLike } from '../../../../reading/model/span-like.js';

/** Ids of the span that a log record belongs to. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** A log record of a GenAI conversation or evaluation, as an event. */
export interface LogEvent {
  readonly span: SpanIds | undefined;
  readonly event: SpanEventLike;
}

/** Returns a text that is the same for the same event of the same span, so that a repeated request adds nothing. */
export function eventKey({ name, time, attributes }: SpanEventLike, ids: Partial<SpanIds> = {}): string {
  const content = JSON.stringify([ids.traceId, ids.spanId, name, time, attributes]);
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

/** Returns whether a log record says that nothing is to be recorded of its span. */
export function isOptOutEvent({ attributes }: Pick<SpanEventLike, 'attributes'>): boolean {
  const isRecorded = attributes?.[ATTR_TRUBRICS_RECORD];
  return isRecorded !== undefined && isRecorded !== true;
}

/**
 * Returns whether a log record must not be used because its resource opts out. What the log record says itself comes first, as with spans;
 * whether its span is recorded, the resource of the span says.
 */
export function isOptedOutByResource(
  { attributes }: SpanEventLike,
  resource: Readonly<Record<string, unknown>>,
): boolean {
  return attributes?.[ATTR_TRUBRICS_RECORD] === undefined && isOptOutEvent({ attributes: resource });
}

/** Returns an event without its content: one that only says that its span must not be recorded. */
export function withoutContent({ name }: SpanEventLike): SpanEventLike {
  return { name, attributes: { [ATTR_TRUBRICS_RECORD]: false } };
}

/**
 * Returns a span with the events of its log records, in order of time, because log records arrive in any order. An event that opts out
 * opts the span out.
 */
export function withLogEvents(span: SpanLike, events: ReadonlyMap<string, SpanEventLike>): SpanLike {
  if (events.size === 0) return span;
  const isOptedOut = [...events.values()].some((event) => isOptOutEvent(event));
  const own = span.events ?? [];
  return {
    ...span,
    ...(isOptedOut && { attributes: { ...span.attributes, [ATTR_TRUBRICS_RECORD]: false } }),
    events: [...own, ...[...events.values()].sort(byTime)],
  };
}

const NO_TIME: HrTime = [0, 0];

function byTime({ time: a = NO_TIME }: SpanEventLike, { time: b = NO_TIME }: SpanEventLike): number {
  return a[0] - b[0] || a[1] - b[1];
}
