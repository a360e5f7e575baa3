import { readQuery } from '../../audience/read-query.js';
import type { RecordStore } from '../../engines/record-store.js';
import { compareAnswers, type Comparison } from '../../insights/compare/compare-answers.js';
import {
  AGAINST_PERIODS,
  comparedRanges,
  comparedUnits,
  PARTS,
  PERIODS,
  type AgainstPeriod,
  type ComparedPeriods,
  type Period,
} from '../../insights/compare/compared-periods.js';
import { dimensionName } from '../../model/measure/dimensions.js';
import { DEFAULT_GROUPS } from '../../query/measure-request.js';
import { measureText, parseMeasureRequest } from '../../query/parse-measures.js';
import { BadQueryError } from '../../query/parse-query.js';
import { clockOf } from '../../query/parse-time-zone.js';
import { resolveTime, type RecordQuery } from '../../query/record-query.js';

/** Groups of each side that are compared one by one; the others are one group. */
const MAX_COMPARED = 1000;

/** Answer of `GET /compare`. */
export interface CompareResponse extends Comparison {
  /** Each place of `changes`. */
  readonly measures: readonly string[];
  readonly by: string | null;
  readonly timeZone: string;
  /** Null if filters are compared, and not periods. */
  readonly periods: ComparedPeriods | null;
}

/**
 * Answers `GET /compare`: the parameters of `GET /measure` but `step` and `order`, and `against` = `previous` (default), `same-weekday`, or filters of the other
 * side as they stand in a URL, which replace those of the same name; `period` = `day`, `week`, `month` in place of `since` and `until`; `parts` = `elapsed` (default) or
 * `complete`.
 *
 * @throws BadQueryError
 */
export async function compare(params: URLSearchParams, store: RecordStore): Promise<CompareResponse> {
  const { measures, by, limit = DEFAULT_GROUPS, timeZone = 'UTC' } = parseMeasureRequest(params);
  const { current, before, periods } = await readSides(params, store, timeZone);
  const request = { measures, ...(by !== undefined && { by }), limit: MAX_COMPARED, timeZone };
  const [now, then] = await Promise.all([store.measure(current, request), store.measure(before, request)]);
  return {
    measures: measures.map(measureText),
    by: by === undefined ? null : dimensionName(by),
    timeZone,
    periods,
    ...compareAnswers(measures, now, then, limit, by !== 'tag'),
  };
}

interface Sides {
  readonly current: RecordQuery;
  readonly before: RecordQuery;
  readonly periods: ComparedPeriods | null;
}

async function readSides(params: URLSearchParams, store: RecordStore, timeZone: string): Promise<Sides> {
  const query = await readQuery(params, store.documents);
  const against = params.get('against') || 'previous';
  const period = AGAINST_PERIODS.find((name) => name === against);
  if (!period) return { current: query, before: await readOther(params, against, store), periods: null };
  const periods = readPeriods(params, query, period, timeZone);
  return { current: within(query, periods.current), before: within(query, periods.before), periods };
}

/** Reads the filters of the other side: those of this one, and in place of some those of `against`. */
function readOther(params: URLSearchParams, against: string, store: RecordStore): Promise<RecordQuery> {
  const others = new URLSearchParams(against);
  if (!against.includes('='))
    throw new BadQueryError(
      `against must be one of ${AGAINST_PERIODS.join(', ')}, or filters such as model%3Dgpt-4o`,
    );
  const merged = new URLSearchParams(params);
  for (const name of new Set(others.keys())) merged.delete(name);
  for (const [name, value] of others) merged.append(name, value);
  return readQuery(merged, store.documents);
}

function readPeriods(
  params: URLSearchParams,
  { since, until }: RecordQuery,
  against: AgainstPeriod,
  timeZone: string,
): ComparedPeriods {
  const [now, clock] = [Date.now(), clockOf(timeZone)];
  const unit = parseOne(params, 'period', PERIODS);
  const parts = parseOne(params, 'parts', PARTS) ?? 'elapsed';
  if (unit) return comparedUnits(unit, against, parts, now, clock);
  if (!since) throw new BadQueryError('A comparison with the period before needs since, or period=week');
  const to = until && resolveTime(until, now) + 1;
  const periods = comparedRanges({ from: resolveTime(since, now), to }, against, parts, now, clock);
  if (!periods)
    throw new BadQueryError('There is no complete day since then; parts=elapsed compares what has elapsed');
  return periods;
}

/** @throws BadQueryError */
function parseOne<T extends string>(
  params: URLSearchParams,
  name: string,
  known: readonly T[],
): T | undefined {
  const text = params.get(name);
  if (text === null || text === '') return undefined;
  const value = known.find((one) => one === text);
  if (value === undefined) throw new BadQueryError(`${name} must be one of ${known.join(', ')}`);
  return value;
}

function within(query: RecordQuery, { from, to }: Period): RecordQuery {
  return { ...query, since: { at: from }, until: { at: to - 1 } };
}
