import type { TimeBuckets } from '../time-buckets.js';

/** Numbers of a period. Each active one is new, returning or resurrected. */
export interface ActivityCounts {
  /** With a prompt in the period. */
  readonly active: number;
  /** Active, with the first prompt ever in the period. */
  readonly new: number;
  /** Active, and active in the period before. */
  readonly returning: number;
  /** Active, not in the period before, but earlier. */
  readonly resurrected: number;
  /** Active in the period before, and not in this one. */
  readonly dormant: number;
  /** All prompts, also those of nobody. */
  readonly prompts: number;
  /** Prompts of nobody: of `anonymous`, or without the property. */
  readonly unattributed: number;
}

export interface ActivityPeriod extends ActivityCounts {
  /** Start in milliseconds since 1970. */
  readonly at: number;
  /** The first millisecond after it. */
  readonly end: number;
  /** It is not over: its numbers will rise, and `dormant` will fall. */
  readonly isRunning: boolean;
}

/** Active people by period. Definitions: docs/numbers.md. */
export interface Activity {
  readonly step: 'day' | 'week' | 'month';
  /** IANA name. */
  readonly timeZone: string;
  /** Ascending, without gaps. */
  readonly periods: readonly ActivityPeriod[];
  /** Totals over all periods: distinct active ones, and prompts. */
  readonly total: Pick<ActivityCounts, 'active' | 'prompts' | 'unattributed'>;
  /** True if older records are gone, so that somebody who counts as new may have been here before. */
  readonly isUncertain: boolean;
}

export interface CountedActivity extends Pick<Activity, 'step' | 'timeZone' | 'total' | 'isUncertain'> {
  readonly counts: readonly ActivityCounts[];
}

/** Returns the answer for these periods, of which `counts` has the numbers. */
export function toActivity({ at, end }: TimeBuckets, counted: CountedActivity, now: number): Activity {
  const { counts, ...rest } = counted;
  return {
    ...rest,
    periods: counts.map((numbers, index) => {
      const periodEnd = at[index + 1] ?? end;
      return { at: at[index] ?? 0, end: periodEnd, isRunning: periodEnd > now, ...numbers };
    }),
  };
}
