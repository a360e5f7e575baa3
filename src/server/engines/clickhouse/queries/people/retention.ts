import { toRetention, type Retention } from '../../../../model/people/retention.js';
import type { TimeBuckets } from '../../../../model/time-buckets.js';
import { periodsOf } from '../../../../query/people-periods.js';
import { DEFAULT_COHORTS, MAX_COHORTS, type RetentionRequest } from '../../../../query/people-request.js';
import { SEEN_MS } from '../totals.js';
import { actorsOf, firstSeen, placeOf, type Actors } from './actors.js';
import type { PeopleContext } from './people-context.js';

/** Members of a cohort in a week. Places are counted from 1, and the second is the first week. */
interface CellRow {
  readonly cohort: number;
  readonly week: number;
  readonly people: string;
  /** Members of the cohort whose last week it is. */
  readonly leaving: string;
}

const FIRST_WEEK = 2;

export async function readRetention(context: PeopleContext, request: RetentionRequest): Promise<Retention> {
  const { client, project, query, clock, now, isUncertain } = context;
  const { by = 'user', mode = 'in', limit = DEFAULT_COHORTS } = request;
  const actors = actorsOf(project, query, by, now);
  const first = query.since ? undefined : await firstSeen(client, actors);
  const weeks = periodsOf(query, first, 'week', { limit: Math.min(limit, MAX_COHORTS), now, clock });
  const cells = weeks.at.length === 0 ? [] : await readCells(context, actors, weeks);
  const column = mode === 'in' ? 'people' : 'leaving';
  const counts = new Map(cells.map((cell) => [`${cell.cohort} ${cell.week}`, Number(cell[column])]));
  const countOf = (cohort: number, week: number): number =>
    counts.get(`${cohort + FIRST_WEEK} ${week + FIRST_WEEK}`) ?? 0;
  const peopleOf = (cohort: number, week: number): number => {
    if (mode === 'in') return countOf(cohort, week);
    let people = 0;
    for (let later = week; later < weeks.at.length; later++) people += countOf(cohort, later);
    return people;
  };
  const sizes = weeks.at.map((_, cohort) => {
    const own = cells.find((cell) => cell.cohort === cohort + FIRST_WEEK && cell.week === cell.cohort);
    return Number(own?.people ?? 0);
  });
  return toRetention(weeks, { mode, timeZone: clock.timeZone, isUncertain, sizes, peopleOf }, now);
}

/** Every member was active in the week of the cohort: that of the first prompt. */
function readCells(
  { client }: PeopleContext,
  { where, actor, parameters }: Actors,
  { at, end }: TimeBuckets,
): Promise<readonly CellRow[]> {
  return client.query<CellRow>(
    `SELECT cohort, week, count() AS people, countIf(week = last) AS leaving
FROM (
  SELECT ${actor} AS actor, groupUniqArray(${placeOf(SEEN_MS)}) AS weeks, arrayMin(weeks) AS cohort, arrayMax(weeks) AS last
  FROM records FINAL
  WHERE ${where.sql} AND ${SEEN_MS} < {end:Int64}
  GROUP BY actor HAVING actor != '')
ARRAY JOIN weeks AS week
WHERE cohort >= ${FIRST_WEEK}
GROUP BY cohort, week`,
    { parameters: { ...parameters, starts: [0, ...at], end } },
  );
}
