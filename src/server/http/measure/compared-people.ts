import { readRequestTimeZone } from '../../audience/project-time-zone.js';
import { readOnce, type DocumentReader } from '../../audience/read-once.js';
import { readQuery } from '../../audience/read-query.js';
import type { RecordStore } from '../../engines/record-store.js';
import {
  afterSame,
  AGAINST_PERIODS,
  PARTS,
  weeksBefore,
  type AgainstPeriod,
  type Period,
} from '../../insights/compare/compared-periods.js';
import {
  compareActivity,
  compareRetention,
  type ComparedActivity,
  type ComparedRetention,
} from '../../insights/compare/compare-people.js';
import type { Activity, ActivityPeriod } from '../../model/people/activity.js';
import type { Retention } from '../../model/people/retention.js';
import { calendarBuckets } from '../../model/time-buckets.js';
import type { ZoneClock } from '../../model/time-zone.js';
import { parseActivityRequest, parseRetentionRequest } from '../../query/parse-people.js';
import { BadQueryError } from '../../query/parse-query.js';
import { clockOf } from '../../query/parse-time-zone.js';
import type { ActivityStep } from '../../query/people-request.js';
import type { RecordQuery } from '../../query/record-query.js';
import { parseOne, readOther } from './compared-sides.js';

/**
 * Answers `GET /activity`; with `against` beside the periods before it (`previous`, `same-weekday`), or the same periods of other filters.
 *
 * @throws BadQueryError
 */
export async function readActivity(
  params: URLSearchParams,
  store: RecordStore,
): Promise<Activity | ComparedActivity> {
  const documents = readOnce(store.documents);
  const request = parseActivityRequest(params, await readRequestTimeZone(params, documents));
  const read = (query: RecordQuery, limit = request.limit): Promise<Activity> =>
    store.activity(query, { ...request, ...(limit !== undefined && { limit }) });
  const query = await readQuery(params, documents);
  const against = params.get('against') ?? '';
  if (against === '') return read(query);
  refuseTime(against);
  const parts = parseOne(params, 'parts', PARTS) ?? 'elapsed';
  let activity = await read(query);
  const last = activity.periods.at(-1);
  if (parts === 'complete' && last?.isRunning)
    activity = await read({ ...query, until: { at: last.at - 1 } });
  const shown = shownPeriods(activity.periods, request.step, clockOf(request.timeZone));
  if (!shown) return compareActivity(activity, { ...activity, periods: [] });
  const other = await readCounterpart({ params, against, query, shown }, documents);
  return compareActivity(activity, await read(other, activity.periods.length));
}

/** Does for `GET /retention` what {@link readActivity} does: cohorts are compared with as many earlier ones, of which as many weeks are known. @throws BadQueryError */
export async function readRetention(
  params: URLSearchParams,
  store: RecordStore,
): Promise<Retention | ComparedRetention> {
  const documents = readOnce(store.documents);
  const request = parseRetentionRequest(params, await readRequestTimeZone(params, documents));
  const read = (query: RecordQuery, limit = request.limit): Promise<Retention> =>
    store.retention(query, { ...request, ...(limit !== undefined && { limit }) });
  const query = await readQuery(params, documents);
  const against = params.get('against') ?? '';
  if (against === '') return read(query);
  refuseTime(against);
  const parts = parseOne(params, 'parts', PARTS) ?? 'elapsed';
  const clock = clockOf(request.timeZone);
  let retention = await read(query);
  const last = weeksOf(retention, clock).at(-1);
  if (parts === 'complete' && last?.isRunning)
    retention = await read({ ...query, until: { at: last.at - 1 } });
  const shown = shownPeriods(weeksOf(retention, clock), 'week', clock);
  if (!shown) return compareRetention(retention, { ...retention, cohorts: [] }, false);
  const other = await read(
    await readCounterpart({ params, against, query, shown }, documents),
    retention.cohorts.length,
  );
  return compareRetention(retention, other, shown.runningSince !== undefined);
}

/** Both sides have the same periods: a time of the other one would not be used. @throws BadQueryError */
function refuseTime(against: string): void {
  const names = new URLSearchParams(against);
  if (names.has('since') || names.has('until'))
    throw new BadQueryError(
      `against has filters of the same periods here, without since and until; earlier ones are ${AGAINST_PERIODS.join(' and ')}`,
    );
}

type AnyPeriod = Pick<ActivityPeriod, 'at' | 'end' | 'isRunning'>;

function weeksOf({ cohorts }: Retention, clock: ZoneClock): AnyPeriod[] {
  return cohorts.map(({ at }) => {
    const { end } = calendarBuckets(at, at, 'week', clock);
    return { at, end, isRunning: end > Date.now() };
  });
}

/** The periods of an answer, which are whole. */
interface ShownPeriods extends Period {
  readonly step: ActivityStep;
  readonly clock: ZoneClock;
  /** Start of the last one, if it is not over. */
  readonly runningSince: number | undefined;
}

function shownPeriods(
  periods: readonly AnyPeriod[],
  step: ActivityStep,
  clock: ZoneClock,
): ShownPeriods | undefined {
  const [first, last] = [periods[0], periods.at(-1)];
  if (!first || !last) return undefined;
  const runningSince = last.isRunning ? last.at : undefined;
  return { from: first.at, to: last.end, step, clock, runningSince };
}

interface Compared {
  readonly params: URLSearchParams;
  readonly against: string;
  readonly query: RecordQuery;
  readonly shown: ShownPeriods;
}

/** Returns the query whose latest periods, as many as are shown, are the counterparts. */
async function readCounterpart(
  { params, against, query, shown }: Compared,
  documents: DocumentReader,
): Promise<RecordQuery> {
  const { from, to, runningSince, clock, step } = shown;
  const earlier = AGAINST_PERIODS.find((name) => name === against);
  if (!earlier) {
    const other = await readOther(params, against, documents);
    return { ...other, since: { at: from }, until: { at: to - 1 } };
  }
  const before = periodsBefore(shown, earlier);
  const other = { ...query, since: { at: before.from }, until: { at: before.to - 1 } };
  if (runningSince === undefined) return other;
  const last = calendarBuckets(before.to - 1, before.to - 1, step, clock).at[0] ?? before.from;
  const cut = afterSame({ from: runningSince, to: Date.now() }, last, clock);
  // Periods of an answer are whole: what came later in the last one is left out.
  return cut < before.to ? { ...other, not: [...(other.not ?? []), { since: { at: cut + 1 } }] } : other;
}

/** Returns a time that ends where the counterparts end, and begins where they begin or earlier. */
function periodsBefore({ from, to, step, clock }: ShownPeriods, against: AgainstPeriod): Period {
  return step !== 'day' || against === 'previous' ? { from: 0, to: from } : weeksBefore({ from, to }, clock);
}
