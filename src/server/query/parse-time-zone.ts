import { zoneClock, type ZoneClock } from '../model/time-zone.js';
import { BadQueryError } from './parse-query.js';

/** Zones whose clocks are kept: those of a few readers. Making one takes longer than the statistics of a few records. */
const MAX_KEPT = 32;
const clocks = new Map<string, ZoneClock>();

/** A time zone that this server does not know; a browser with newer data may. */
export class UnknownTimeZoneError extends BadQueryError {}

/** Returns the clock of a time zone. @throws UnknownTimeZoneError */
export function clockOf(timeZone: string): ZoneClock {
  const clock = findClock(timeZone);
  if (clock) return clock;
  throw new UnknownTimeZoneError(
    'timezone must be a name of the IANA time zone database, such as Europe/Berlin',
  );
}

/** Returns the clock of a time zone, or undefined if there is no zone of this name. */
export function findClock(timeZone: string): ZoneClock | undefined {
  const clock = clocks.get(timeZone) ?? zoneClock(timeZone);
  if (!clock || clocks.has(timeZone)) return clock;
  if (clocks.size >= MAX_KEPT) clocks.clear();
  clocks.set(timeZone, clock);
  return clock;
}
