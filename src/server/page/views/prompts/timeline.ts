import { toLatency } from '../../../model/measures.js';
import type { StoredRecord } from '../../../model/stored-record.js';

/** When a step of a turn ran. */
export interface Step {
  /** Seconds after the beginning of the first step. */
  readonly offset: number;
  /** Beginning and length as shares of the whole, from 0 to 1. */
  readonly start: number;
  readonly length: number;
}

/** Returns when each call ran, in the same order. A call ends at its `timestamp`, and lasted for its latency, if that is known. */
export function timelineOf(
  calls: readonly Pick<StoredRecord, 'timestamp' | 'properties'>[],
): readonly Step[] {
  const times = calls.map(({ timestamp, properties }) => {
    const end = Date.parse(timestamp) / 1000;
    return { begin: end - (toLatency(properties['latency']) ?? 0), end };
  });
  const first = Math.min(...times.map(({ begin }) => begin));
  const whole = Math.max(...times.map(({ end }) => end)) - first;
  const share = (seconds: number): number => (whole > 0 ? seconds / whole : 0);
  return times.map(({ begin, end }) => ({
    offset: begin - first,
    start: share(begin - first),
    length: whole > 0 ? share(end - begin) : 1,
  }));
}
