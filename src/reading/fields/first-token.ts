import { decode } from '../decoding/decode.js';
import type { SpanLike } from '../model/span-like.js';

/** Events that libraries add when the first chunk of an answer arrives. */
const FIRST_CHUNK_EVENTS: ReadonlySet<string> = new Set(['ai.stream.firstChunk', 'First Token Stream Event']);

/** Returns the seconds from the start of the span to an ISO time. Langfuse writes the time as JSON, in quotes. */
export function secondsUntil(span: SpanLike, isoTime: unknown): number | undefined {
  const time = decode(isoTime).value;
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return toSeconds(ms - span.startTime[0] * 1e3 - span.startTime[1] / 1e6);
}

/** Returns the seconds from the start of the span to the event of its first chunk. */
export function secondsUntilFirstChunkEvent(span: SpanLike): number | undefined {
  const time = span.events?.find((event) => FIRST_CHUNK_EVENTS.has(event.name))?.time;
  if (!time) return undefined;
  return toSeconds((time[0] - span.startTime[0]) * 1e3 + (time[1] - span.startTime[1]) / 1e6);
}

/**
 * Returns the seconds until the first token from a time in an unknown unit: LoongSuite writes nanoseconds, others milliseconds, under the name
 * that is for seconds. A first token comes before the last one, which tells the unit. `latency`: that of the call, in seconds.
 */
export function inSeconds(time: number, latency: number): number {
  const unit = latency > 0 ? [1, 1e3, 1e9].find((perSecond) => time / perSecond <= 2 * latency) : 1;
  return time / (unit ?? 1);
}

/** Rounded to microseconds. Negative and unknown times are `undefined`. */
function toSeconds(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= 0 ? Math.round(ms * 1e3) / 1e6 : undefined;
}
