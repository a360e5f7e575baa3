import type { TimeBuckets } from '../time-buckets.js';

/** Members of a cohort in one week. */
export interface RetentionCell {
  readonly people: number;
  /** `people` divided by the size of the cohort. */
  readonly share: number;
  /** The week is not over. */
  readonly isRunning: boolean;
}

/** Cohort: everyone whose first prompt ever was in one week. */
export interface Cohort {
  /** Start of the week in milliseconds since 1970. */
  readonly at: number;
  readonly size: number;
  /** Week 0 is that of the first prompt. Null for weeks to come, and for a cohort without members. */
  readonly weeks: readonly (RetentionCell | null)[];
}

/** Mean of a column. */
export interface RetentionMean {
  /** People of all cohorts whose week is over, divided by their sizes; so each cohort weighs as much as its members. Null without any. */
  readonly share: number | null;
  /** Sizes of these cohorts, added up. */
  readonly of: number;
}

/** Retention by cohort. Definitions: docs/numbers.md. */
export interface Retention {
  readonly mode: 'in' | 'in-or-after';
  /** IANA name. */
  readonly timeZone: string;
  /** One for each week, ascending, without gaps. */
  readonly cohorts: readonly Cohort[];
  /** One for each week after the first prompt. */
  readonly mean: readonly RetentionMean[];
  /** True if older records are gone, so that the first prompt that is known may not be the first. */
  readonly isUncertain: boolean;
}

export interface CountedRetention extends Pick<Retention, 'mode' | 'timeZone' | 'isUncertain'> {
  readonly sizes: readonly number[];
  /** Returns the members of a cohort in a week; both are places in the list of weeks. */
  readonly peopleOf: (cohort: number, week: number) => number;
}

/** Returns the answer for these weeks, each of which is a cohort. */
export function toRetention({ at, end }: TimeBuckets, counted: CountedRetention, now: number): Retention {
  const { sizes, peopleOf, ...rest } = counted;
  const isRunning = (week: number): boolean => (at[week + 1] ?? end) > now;
  const cohorts = at.map((start, cohort) => {
    const size = sizes[cohort] ?? 0;
    const weeks = at.map((_, k): RetentionCell | null => {
      const week = cohort + k;
      if (week >= at.length || size === 0) return null;
      const people = peopleOf(cohort, week);
      return { people, share: people / size, isRunning: isRunning(week) };
    });
    return { at: start, size, weeks };
  });
  return { ...rest, cohorts, mean: at.map((_, k) => meanOfCohorts(cohorts, k)) };
}

/** Returns the mean of week `k`, without weeks that are not over. */
export function meanOfCohorts(cohorts: readonly Cohort[], k: number): RetentionMean {
  let [people, of] = [0, 0];
  for (const { size, weeks } of cohorts) {
    const cell = weeks[k];
    if (!cell || cell.isRunning) continue;
    people += cell.people;
    of += size;
  }
  return { share: of === 0 ? null : people / of, of };
}
