import { toActivity, type Activity, type ActivityCounts } from '../../../model/people/activity.js';
import { bucketAt } from '../../../model/time-buckets.js';
import type { ZoneClock } from '../../../model/time-zone.js';
import { periodsOf, promptsOfAllTime, withPeriodBefore } from '../../../query/people-periods.js';
import { DEFAULT_PERIODS, MAX_PERIODS, type ActivityRequest } from '../../../query/people-request.js';
import type { RecordQuery } from '../../../query/record-query.js';
import { selectRows } from '../select-rows.js';
import type { RecordTable } from '../table/record-table.js';
import { actorsOf, firstSeen, Visits } from './visits.js';

/** Inputs of an answer about people besides the query. */
export interface PeopleContext {
  readonly table: RecordTable;
  readonly query: RecordQuery;
  readonly clock: ZoneClock;
  readonly now: number;
  readonly isUncertain: boolean;
}

type Counts = { -readonly [Name in keyof ActivityCounts]: number };

export function activity(context: PeopleContext, request: ActivityRequest): Activity {
  const { table, query, clock, now, isUncertain } = context;
  const { by = 'user', step, limit = DEFAULT_PERIODS } = request;
  const rows = selectRows(table, promptsOfAllTime(query), now);
  const periods = periodsOf(query, firstSeen(table, rows), step, {
    limit: Math.min(limit, MAX_PERIODS),
    now,
    clock,
  });
  // The first is the period before those that are shown.
  const all = withPeriodBefore(periods, step, clock);
  const visits = new Visits(table, rows, actorsOf(table, by), all);
  const counts = periods.at.map((_, index) => countsOf(visits, index + 1));
  let active = 0;
  for (let actor = 1; actor < visits.actors; actor++) {
    const firstPeriod = bucketAt(all, visits.first[actor] ?? Infinity);
    if (countActor(counts, visits, actor, firstPeriod)) active++;
  }
  const sum = (name: 'prompts' | 'unattributed'): number =>
    counts.reduce((total, period) => total + period[name], 0);
  const total = { active, prompts: sum('prompts'), unattributed: sum('unattributed') };
  return toActivity(periods, { step, timeZone: clock.timeZone, counts, total, isUncertain }, now);
}

function countsOf(visits: Visits, period: number): Counts {
  const none = { active: 0, new: 0, returning: 0, resurrected: 0, dormant: 0 };
  return {
    ...none,
    prompts: visits.prompts[period] ?? 0,
    unattributed: visits.unattributed[period] ?? 0,
  };
}

/** Counts an actor in the periods that are shown. Returns true if it is active in one of them. */
function countActor(counts: readonly Counts[], visits: Visits, actor: number, firstPeriod: number): boolean {
  let isActiveInAny = false;
  let wasActive = visits.isActive(actor, 0);
  for (const [index, period] of counts.entries()) {
    const isActive = visits.isActive(actor, index + 1);
    if (isActive) {
      isActiveInAny = true;
      period.active++;
      if (firstPeriod === index + 1) period.new++;
      else if (wasActive) period.returning++;
      else period.resurrected++;
    } else if (wasActive) period.dormant++;
    wasActive = isActive;
  }
  return isActiveInAny;
}
