import type { DocumentReader } from '../../audience/read-once.js';
import { readQuery } from '../../audience/read-query.js';
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
import { BadQueryError } from '../../query/parse-query.js';
import { clockOf } from '../../query/parse-time-zone.js';
import { resolveTime, type RecordQuery } from '../../query/record-query.js';

/** Two queries whose answers are compared. */
export interface ComparedSides {
  readonly current: RecordQuery;
  readonly before: RecordQuery;
  /** Null if filters are compared, and not periods. */
  readonly periods: ComparedPeriods | null;
}

/**
 * Reads what is compared with what: `against` = `previous` (default), `same-weekday`, or filters of the other side as they stand in a URL, which replace
 * those of the same name; `period` = `day`, `week`, `month` in place of `since` and `until`; `parts` = `elapsed` (default) or `complete`.
 *
 * @throws BadQueryError
 */
export async function readSides(
  params: URLSearchParams,
  documents: DocumentReader,
  timeZone: string,
): Promise<ComparedSides> {
  const query = await readQuery(params, documents);
  const against = params.get('against') || 'previous';
  const period = AGAINST_PERIODS.find((name) => name === against);
  if (!period) return { current: query, before: await readOther(params, against, documents), periods: null };
  const periods = readPeriods(params, query, period, timeZone);
  return { current: within(query, periods.current), before: within(query, periods.before), periods };
}

/** Returns a query for a period in place of its own time. */
export function within(query: RecordQuery, { from, to }: Period): RecordQuery {
  return { ...query, since: { at: from }, until: { at: to - 1 } };
}

/** Reads the filters of the other side: those of this one, and in place of some those of `against`. @throws BadQueryError */
export function readOther(
  params: URLSearchParams,
  against: string,
  documents: DocumentReader,
): Promise<RecordQuery> {
  const others = new URLSearchParams(against);
  if (!against.includes('='))
    throw new BadQueryError(
      `against must be one of ${AGAINST_PERIODS.join(', ')}, or filters such as model%3Dgpt-4o`,
    );
  const merged = new URLSearchParams(params);
  for (const name of new Set(others.keys())) merged.delete(name);
  for (const [name, value] of others) merged.append(name, value);
  return readQuery(merged, documents);
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
export function parseOne<T extends string>(
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
