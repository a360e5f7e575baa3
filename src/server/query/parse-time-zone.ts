import { zoneClock, type ZoneClock } from '../model/time-zone.js';
import { BadQueryError } from './parse-query.js';

/** Zones whose clocks are kept: those of a few readers. Making one takes longer than the statistics of a few records. */
const MAX_KEPT = 32;
const clocks = new Map<string, ZoneClock>();

/** Returns the clock of a time zone. @throws BadQueryError if there is no zone of this name. */
export function clockOf(timeZone: string): ZoneClock {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = zoneClock(timeZone);
  if (!clock)
    throw new BadQueryError('timezone must be a name of the IANA time zone database, such as Europe/Berlin');
  if (clocks.size >= MAX_KEPT) clocks.clear();
  clocks.set(timeZone, clock);
  return clock;
}
