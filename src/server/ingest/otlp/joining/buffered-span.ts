import { recordId } from '../../../../common/record-id.js';
import type { RecognisedSpan } from '../../../../reading/dialects/recognise.js';
import type { SpanRole } from '../../../../reading/model/dialect.js';
import type { HrTime, SpanEventLike, SpanLike } from '../../../../reading/model/span-like.js';
import type { Evaluation } from './evaluations.js';
import type { SpanIds } from './log-events.js';

/** A span as it was sent, or as another server has stored it. */
export interface SentSpan extends SpanLike {
  /** True if long texts or events were left out of it. */
  readonly isCut?: boolean;
}

/** A span that waits for the spans above and below it. */
export interface BufferedSpan {
  readonly trace: BufferedTrace;
  readonly spanId: string;
  /** The span with the events of its log records. */
  span: SpanLike;
  /** The span as it was sent. */
  sent: SentSpan;
  /** Log records of the span, by a key that is the same for a repeated one. */
  logEvents: ReadonlyMap<string, SpanEventLike>;
  /** Evaluations of the span, by id. */
  evaluations: ReadonlyMap<string, Evaluation>;
  recognised: RecognisedSpan | undefined;
  parentId: string | undefined;
  /** Approximate size in characters. */
  length: number;
  /** False for a span that no known call needs, such as that of an HTTP request. */
  isRelevant: boolean;
  /** Number of the last walk that came by. */
  walk: number;
  /** True if it is no LLM span and says something about the calls below it: user, thread, opt-out. */
  hasFacts: boolean;
  /** True if it, or a log record of it, came to another server or before a restart: its record may be written there as well. */
  isShared: boolean;
}

export interface BufferedTrace {
  readonly traceId: string;
  readonly spans: Map<string, BufferedSpan>;
  /** By the id of the parent, which may not be known yet. */
  readonly children: Map<string, Set<BufferedSpan>>;
  /** True if a span of it is, or was, opted out by itself or its resource: only then are the spans above looked at. */
  hasOptOut: boolean;
}

export function roleIn({ recognised }: BufferedSpan): SpanRole {
  return recognised?.role ?? 'other';
}

export function idsOf({ trace: { traceId }, spanId }: BufferedSpan): SpanIds {
  return { traceId, spanId };
}

/** Returns the id of the record that a span is, or would be. */
export function recordIdOf(span: BufferedSpan): string {
  return recordId(idsOf(span));
}

/** Orders spans as they ended. */
export function byEnd(
  { span: a, spanId: idA }: BufferedSpan,
  { span: b, spanId: idB }: BufferedSpan,
): number {
  return a.endTime[0] - b.endTime[0] || a.endTime[1] - b.endTime[1] || (idA < idB ? -1 : 1);
}

/** Returns whether a time is at most `timeMs`, in milliseconds since 1970. Without one, an event is as old as can be. */
export function isUpTo(timeMs: number, [seconds, nanoseconds]: HrTime = [0, 0]): boolean {
  return seconds * 1000 + nanoseconds / 1e6 <= timeMs;
}
