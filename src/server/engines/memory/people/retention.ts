import { toRetention, type Retention } from '../../../model/people/retention.js';
import { bucketAt } from '../../../model/time-buckets.js';
import { periodsOf, promptsOfAllTime } from '../../../query/people-periods.js';
import { DEFAULT_COHORTS, MAX_COHORTS, type RetentionRequest } from '../../../query/people-request.js';
import { selectRows } from '../select-rows.js';
import type { PeopleContext } from './activity.js';
import { actorsOf, firstSeen, Visits } from './visits.js';

export function retention(context: PeopleContext, request: RetentionRequest): Retention {
  const { table, query, clock, now, isUncertain } = context;
  const { by = 'user', mode = 'in', limit = DEFAULT_COHORTS } = request;
  const rows = selectRows(table, promptsOfAllTime(query), now);
  const weeks = periodsOf(query, firstSeen(table, rows), 'week', {
    limit: Math.min(limit, MAX_COHORTS),
    now,
    clock,
  });
  const { length } = weeks.at;
  const visits = new Visits(table, rows, actorsOf(table, by), weeks);
  const sizes = new Uint32Array(length);
  const people = new Uint32Array(length * length);
  for (let actor = 1; actor < visits.actors; actor++) {
    const cohort = bucketAt(weeks, visits.first[actor] ?? Infinity);
    if (cohort >= length) continue;
    sizes[cohort] = (sizes[cohort] ?? 0) + 1;
    let hasLater = false;
    for (let week = length - 1; week >= cohort; week--) {
      hasLater = visits.isActive(actor, week) || (hasLater && mode === 'in-or-after');
      if (hasLater) people[cohort * length + week] = (people[cohort * length + week] ?? 0) + 1;
    }
  }
  return toRetention(
    weeks,
    {
      mode,
      timeZone: clock.timeZone,
      isUncertain,
      sizes: [...sizes],
      peopleOf: (cohort, week) => people[cohort * length + week] ?? 0,
    },
    now,
  );
}
