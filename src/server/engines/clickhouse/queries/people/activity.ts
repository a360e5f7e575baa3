import { toActivity, type Activity, type ActivityCounts } from '../../../../model/people/activity.js';
import type { TimeBuckets } from '../../../../model/time-buckets.js';
import { periodsOf, withPeriodBefore } from '../../../../query/people-periods.js';
import { DEFAULT_PERIODS, MAX_PERIODS, type ActivityRequest } from '../../../../query/people-request.js';
import { SEEN_MS } from '../totals.js';
import { actorsOf, firstSeen, placeOf, type Actors } from './actors.js';
import type { PeopleContext } from './people-context.js';

/** Numbers of a place: periods are counted from 1, and the second is the first that is shown. */
interface PlaceRow {
  readonly place: number;
  readonly active: string;
  readonly new: string;
  readonly returning: string;
  /** Active here, and not in the place after it. */
  readonly leaving: string;
}

interface PromptRow {
  readonly place: number;
  readonly prompts: string;
  readonly unattributed: string;
}

/** The place of the period before the first that is shown. Place 1 is all of the time before. */
const BEFORE = 2;

export async function readActivity(context: PeopleContext, request: ActivityRequest): Promise<Activity> {
  const { client, project, query, clock, now, isUncertain } = context;
  const { by = 'user', step, limit = DEFAULT_PERIODS } = request;
  const actors = actorsOf(project, query, by, now);
  const first = query.since ? undefined : await firstSeen(client, actors);
  const periods = periodsOf(query, first, step, { limit: Math.min(limit, MAX_PERIODS), now, clock });
  const all = withPeriodBefore(periods, step, clock);
  const [places, prompts, active] =
    periods.at.length === 0
      ? [[], [], 0]
      : await Promise.all([
          readPlaces(context, actors, all),
          readPrompts(context, actors, all),
          readActive(context, actors, periods),
        ]);
  const counts = periods.at.map((_, index) => countsOf(places, prompts, index + BEFORE + 1));
  const sum = (name: 'prompts' | 'unattributed'): number =>
    counts.reduce((total, period) => total + period[name], 0);
  const total = { active, prompts: sum('prompts'), unattributed: sum('unattributed') };
  return toActivity(periods, { step, timeZone: clock.timeZone, counts, total, isUncertain }, now);
}

function countsOf(places: readonly PlaceRow[], prompts: readonly PromptRow[], place: number): ActivityCounts {
  const row = places.find((one) => one.place === place);
  const before = places.find((one) => one.place === place - 1);
  const asked = prompts.find((one) => one.place === place);
  const [active, fresh, returning] = [row?.active, row?.new, row?.returning].map((text) => Number(text ?? 0));
  return {
    active: active ?? 0,
    new: fresh ?? 0,
    returning: returning ?? 0,
    resurrected: (active ?? 0) - (fresh ?? 0) - (returning ?? 0),
    dormant: Number(before?.leaving ?? 0),
    prompts: Number(asked?.prompts ?? 0),
    unattributed: Number(asked?.unattributed ?? 0),
  };
}

function readPlaces(
  { client }: PeopleContext,
  { where, actor, parameters }: Actors,
  { at, end }: TimeBuckets,
): Promise<readonly PlaceRow[]> {
  return client.query<PlaceRow>(
    `SELECT place, count() AS active, countIf(place = first) AS new,
  countIf(place != first AND has(places, place - 1)) AS returning, countIf(NOT has(places, place + 1)) AS leaving
FROM (
  SELECT ${actor} AS actor, groupUniqArray(${placeOf(SEEN_MS)}) AS places, arrayMin(places) AS first FROM records FINAL
  WHERE ${where.sql} AND ${SEEN_MS} < {end:Int64}
  GROUP BY actor HAVING actor != '')
ARRAY JOIN places AS place
WHERE place >= ${BEFORE}
GROUP BY place`,
    { parameters: { ...parameters, starts: [0, ...at], end } },
  );
}

function readPrompts(
  { client }: PeopleContext,
  { where, actor, parameters }: Actors,
  { at, end }: TimeBuckets,
): Promise<readonly PromptRow[]> {
  return client.query<PromptRow>(
    `SELECT ${placeOf(SEEN_MS)} AS place, count() AS prompts, countIf(${actor} = '') AS unattributed FROM records FINAL
WHERE ${where.sql} AND ${SEEN_MS} >= {first:Int64} AND ${SEEN_MS} < {end:Int64}
GROUP BY place`,
    { parameters: { ...parameters, starts: [0, ...at], first: at[0] ?? 0, end } },
  );
}

async function readActive(
  { client }: PeopleContext,
  { where, actor, parameters }: Actors,
  { at, end }: TimeBuckets,
): Promise<number> {
  const [row] = await client.query<{ active: string }>(
    `SELECT uniqExactIf(${actor}, ${actor} != '') AS active FROM records FINAL
WHERE ${where.sql} AND ${SEEN_MS} >= {first:Int64} AND ${SEEN_MS} < {end:Int64}`,
    { parameters: { ...parameters, first: at[0] ?? 0, end } },
  );
  return Number(row?.active ?? 0);
}
