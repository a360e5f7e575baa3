import type { NewRecord } from './stored-record.js';

/** Applications of language models are younger: an earlier time is that of a clock that was not set, or seconds read as milliseconds. */
export const FIRST_PLAUSIBLE_TIME = Date.UTC(2020, 0, 1);
/** A clock, or a time without its zone, may be ahead of the server by this much. */
export const MAX_AHEAD_MS = 86_400_000;

/** Returns true if a record can have happened at its time: after 2019, and at most a day after the server received it. */
export function isTimePlausible({
  timestamp,
  receivedAt,
}: Pick<NewRecord, 'timestamp' | 'receivedAt'>): boolean {
  return isPlausible(Date.parse(timestamp), Date.parse(receivedAt));
}

/** Does what `isTimePlausible()` does, with times in milliseconds since 1970. */
export function isPlausible(at: number, receivedAt: number): boolean {
  return at >= FIRST_PLAUSIBLE_TIME && at <= receivedAt + MAX_AHEAD_MS;
}
