import { FIRST_PLAUSIBLE_TIME } from '../../../model/record-time.js';
import type { Parameters } from '../client/parameters.js';
import { dayOf } from './record-row.js';
import { SEEN_MS } from './totals.js';

/** A condition, and the values of its placeholders. */
export interface SeenSince {
  readonly sql: string;
  readonly parameters: Parameters;
}

/**
 * Returns the condition that a record was seen at `ms` or later. A record whose own time is not plausible was seen when it arrived: its own time, and with it
 * the day of its key, is later than that, or before the first plausible one. No other days are read.
 */
export function seenSince(ms: number): SeenSince {
  return {
    sql: `(records.day >= {seenDay:Date32} OR records.day <= {firstDay:Date32}) AND ${SEEN_MS} >= {seen:Int64}`,
    parameters: { seen: Math.floor(ms), seenDay: dayOf(ms), firstDay: dayOf(FIRST_PLAUSIBLE_TIME) },
  };
}
