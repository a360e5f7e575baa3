/** The document with the time zone of the project: `{ "timeZone": "Europe/Berlin" }`. Days, weeks and months of all readers begin there. */
export const TIME_ZONE_SETTING = { kind: 'setting', name: 'time-zone' } as const;

/** Converts between points in time and the clock of one time zone. Times are milliseconds since 1970. */
export interface ZoneClock {
  /** IANA name. */
  readonly timeZone: string;
  /** Returns what the clock shows, as if it were UTC. */
  toWall(time: number): number;
  /**
   * Returns the time at which the clock shows `wall` or, where it was set forward over it, the time of that change.
   *
   * @param choice one of the two times at which a clock that is set back shows it; `first` by default
   */
  fromWall(wall: number, choice?: 'first' | 'last'): number;
}

const DAY = 86_400_000;

/** Without `Intl`: most projects have no time zone of their own. */
export const UTC_CLOCK: ZoneClock = { timeZone: 'UTC', toWall: Number, fromWall: Number };

/** Returns the clock of a time zone, or undefined if there is no zone of this name. */
export function zoneClock(timeZone: string): ZoneClock | undefined {
  const format = formatOf(timeZone);
  if (!format) return undefined;
  const toWall = (time: number): number => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 1, day = 1] = [parts.get('year'), parts.get('month'), parts.get('day')];
    const [hour = 0, minute = 0, second = 0] = [parts.get('hour'), parts.get('minute'), parts.get('second')];
    const wholeSecond = Math.floor(time / 1000) * 1000;
    // `Date.UTC()` takes the year 50 for 1950.
    const midnight = new Date(0).setUTCFullYear(year, month - 1, day);
    return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + time - wholeSecond;
  };
  return {
    timeZone,
    toWall,
    fromWall(wall, choice = 'first') {
      // A zone changes its clock at most once in two days, so that one of the two offsets is right.
      const offsets = [wall - DAY, wall + DAY].map((time) => toWall(time) - time);
      const [first, last] = [wall - Math.max(...offsets), wall - Math.min(...offsets)];
      const candidates = choice === 'last' ? [last, first] : [first, last];
      return candidates.find((time) => toWall(time) === wall) ?? changeBetween(first, last, wall, toWall);
    },
  };
}

/** Returns the time at which the clock is set forward over `wall`. It shows less at `before`, more at `after`. */
function changeBetween(before: number, after: number, wall: number, toWall: ZoneClock['toWall']): number {
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (toWall(middle) > wall) high = middle;
    else low = middle;
  }
  return high;
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}
