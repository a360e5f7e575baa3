import { meanOfCohorts, type Cohort, type Retention } from '../../model/people/retention.js';
import type { Activity } from '../../model/people/activity.js';
import { changeBetween, type Change } from './change.js';

/** Active people, beside those of other periods or of other filters. */
export interface ComparedActivity extends Activity {
  readonly against: {
    /** As many as there are of the answer itself, each the counterpart of the one in its place. */
    readonly periods: Activity['periods'];
    readonly total: Activity['total'];
    readonly isUncertain: boolean;
    /** Changes of `active`, one for each period. */
    readonly changes: readonly Change[];
    readonly totalChange: Change;
  };
}

/** Retention, beside that of earlier weeks or of other filters. */
export interface ComparedRetention extends Retention {
  readonly against: {
    readonly cohorts: readonly Cohort[];
    readonly mean: Retention['mean'];
    readonly isUncertain: boolean;
    /** Changes of the shares in `mean`, in points. */
    readonly changes: readonly Change[];
  };
}

const PEOPLE = { isShare: false, isAmount: true, rise: 'good' } as const;
const SHARE = { isShare: true, isAmount: false, rise: 'good' } as const;

/** @param other has as many periods */
export function compareActivity(activity: Activity, other: Activity): ComparedActivity {
  const { periods, total, isUncertain } = other;
  return {
    ...activity,
    against: {
      periods,
      total,
      isUncertain,
      changes: activity.periods.map(({ active }, index) => peopleChange(active, periods[index]?.active ?? 0)),
      totalChange: peopleChange(activity.total.active, total.active),
    },
  };
}

function peopleChange(value: number, before: number): Change {
  return changeBetween(PEOPLE, { value, n: null }, { value: before, n: null });
}

/**
 * @param other has as many weeks
 * @param isRunning the last week of both is not over, and left out of the means
 */
export function compareRetention(
  retention: Retention,
  other: Retention,
  isRunning: boolean,
): ComparedRetention {
  const cohorts = isRunning ? withRunningWeek(other.cohorts) : other.cohorts;
  const mean = cohorts.map((_, k) => meanOfCohorts(cohorts, k));
  const changes = retention.mean.map(({ share, of }, k) =>
    changeBetween(SHARE, { value: share, n: of }, { value: mean[k]?.share ?? null, n: mean[k]?.of ?? null }),
  );
  return { ...retention, against: { cohorts, mean, isUncertain: other.isUncertain, changes } };
}

/** Marks the last week, which was cut where the running one is. */
function withRunningWeek(cohorts: readonly Cohort[]): readonly Cohort[] {
  return cohorts.map(({ weeks, ...cohort }, index) => ({
    ...cohort,
    weeks: weeks.map(
      (cell, k) => cell && (index + k === cohorts.length - 1 ? { ...cell, isRunning: true } : cell),
    ),
  }));
}
