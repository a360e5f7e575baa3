import { RECORD_ORDERS, type RecordOrder } from '../model/lists.js';
import { toNumber } from '../model/measures.js';
import { ANSWER_RATINGS } from '../model/feedback.js';
import { parseSearch } from './parse-search.js';
import { UTC_CLOCK, type ZoneClock } from '../model/time-zone.js';
import { isLocalTime, parseTime, type TimeBound } from './parse-time.js';
import type { EvaluationBound, PropertyCondition, QueryTime, RecordQuery } from './record-query.js';

/** A request whose parameters cannot be understood, for instance `since=yesterday`. Answered with 400. */
export class BadQueryError extends Error {
  override readonly name = 'BadQueryError';
}

const PROPERTY_PREFIX = 'prop.';
const EXCLUSION_PREFIX = 'not.';
/** Read by `readQuery()`, which knows the segments. */
const NOT_SEGMENT = 'not.segment';
/** Filters that can exclude, besides properties. A search has `-word` for that. */
const EXCLUDABLE: ReadonlySet<string> = new Set([
  'user',
  'thread',
  'model',
  'tag',
  'event',
  'kind',
  'error',
  'rating',
  'below',
]);

/**
 * Reads a query from the parameters of a URL. Empty values count as absent, parameters that are not listed are ignored.
 *
 * `user`, `thread`, `model`, `tag`, `event`, `about` (a record's id: the feedback on it), `kind` (`prompt` | `event`), `error`
 * (`true` | `false`), `rating` (`good` | `bad` | `neutral`), `below` (see {@link parseBound}), `q` (see {@link parseSearch}), `since` and `until` (see {@link parseTime}), `prop.<name>` (a property's value).
 * Repeated parameters are alternatives. `not.user`, `not.tag`, `not.prop.<name>` and so on leave out the records that the filter matches.
 * `segment`, `not.segment`, `topic` and `internal` need documents: see `readQuery()`.
 *
 * @param clock that of days and times which name no zone. `readQuery()` has that of the project.
 * @throws BadQueryError
 */
export function parseQuery(params: URLSearchParams, clock: ZoneClock = UTC_CLOCK): RecordQuery {
  return withoutUndefined({
    users: valuesOf(params, 'user'),
    threads: valuesOf(params, 'thread'),
    models: valuesOf(params, 'model'),
    tags: valuesOf(params, 'tag'),
    events: valuesOf(params, 'event'),
    about: valuesOf(params, 'about'),
    kinds: choicesOf(params, 'kind', ['prompt', 'event']),
    errors: choicesOf(params, 'error', ['true', 'false'])?.map((text) => text === 'true'),
    properties: parseProperties(params),
    ratings: choicesOf(params, 'rating', ANSWER_RATINGS),
    evaluations: valuesOf(params, 'below')?.map((text) => parseBound('below', text)),
    terms: parseSearch(params.get('q') ?? ''),
    since: timeOf(params, 'since', clock),
    until: timeOf(params, 'until', clock),
    not: parseExclusions(params),
  });
}

const FILTERS = new Set([
  'user',
  'thread',
  'model',
  'tag',
  'event',
  'about',
  'kind',
  'error',
  'rating',
  'below',
  'q',
  'since',
  'until',
  'segment',
  'topic',
  'internal',
]);

/** Returns true for the names of parameters that `parseQuery` reads. The page uses it to separate filters from its other parameters. */
export function isQueryParameter(name: string): boolean {
  return FILTERS.has(name) || [PROPERTY_PREFIX, EXCLUSION_PREFIX].some((prefix) => name.startsWith(prefix));
}

/** Returns true if a filter has a day, or a time without a zone, so that its meaning depends on a clock. */
export function namesLocalTime(params: URLSearchParams): boolean {
  return ['since', 'until'].some((name) => isLocalTime(params.get(name) ?? ''));
}

/** Reads a whole number. Above `max` it is `max`. @throws BadQueryError */
export function parseCount(params: URLSearchParams, name: string, fallback: number, max: number): number {
  const text = params.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text)) throw new BadQueryError(`${name} must be a whole number`);
  return Math.min(value, max);
}

/** Reads the order of a list of records. @throws BadQueryError */
export function parseRecordOrder(params: URLSearchParams): RecordOrder {
  const order = RECORD_ORDERS.find((name) => name === (params.get('order') || 'arrival'));
  if (!order) throw new BadQueryError(`order must be one of ${RECORD_ORDERS.join(', ')}`);
  return order;
}

function valuesOf(params: URLSearchParams, name: string): readonly string[] | undefined {
  const values = params.getAll(name).filter((value) => value !== '');
  return values.length > 0 ? values : undefined;
}

function parseProperties(params: URLSearchParams): readonly PropertyCondition[] | undefined {
  const names = [...new Set(params.keys())].filter((name) => name.startsWith(PROPERTY_PREFIX));
  const conditions = names.flatMap((name) => {
    const values = valuesOf(params, name);
    return values ? [{ name: name.slice(PROPERTY_PREFIX.length), values }] : [];
  });
  return conditions.length > 0 ? conditions : undefined;
}

/** Returns a query for each filter that excludes. @throws BadQueryError for a parameter that cannot exclude: ignored, it would show too much. */
function parseExclusions(params: URLSearchParams): readonly RecordQuery[] | undefined {
  const filters = [...new Set(params.keys())].flatMap((name) =>
    name.startsWith(EXCLUSION_PREFIX) && name !== NOT_SEGMENT ? [name.slice(EXCLUSION_PREFIX.length)] : [],
  );
  const queries = filters.flatMap((filter) => {
    if (!EXCLUDABLE.has(filter) && !filter.startsWith(PROPERTY_PREFIX))
      throw new BadQueryError(
        `${EXCLUSION_PREFIX}${filter} is no filter: prop.<name>, ${[...EXCLUDABLE].join(', ')} can exclude`,
      );
    const values = valuesOf(params, EXCLUSION_PREFIX + filter);
    return values
      ? [parseQuery(new URLSearchParams(values.map((value): [string, string] => [filter, value])))]
      : [];
  });
  return queries.length > 0 ? queries : undefined;
}

/**
 * Reads a bound of evaluations: a score such as `0.5`, for evaluations of any name, or `faithfulness:0.5`.
 *
 * @param parameter its name, for the message
 * @throws BadQueryError
 */
export function parseBound(parameter: string, text: string): EvaluationBound {
  const colon = text.lastIndexOf(':');
  const below = toNumber(text.slice(colon + 1));
  if (below === undefined || colon === 0)
    throw new BadQueryError(
      `${parameter} must be a score such as 0.5, or one of an evaluation such as faithfulness:0.5`,
    );
  return { below, ...(colon > 0 && { name: text.slice(0, colon) }) };
}

/** @throws BadQueryError */
function timeOf(params: URLSearchParams, name: TimeBound, clock: ZoneClock): QueryTime | undefined {
  const text = params.get(name);
  if (text === null || text === '') return undefined;
  const time = parseTime(text, name, clock);
  if (!time)
    throw new BadQueryError(`${name} must be an ISO 8601 time, milliseconds, or an age such as 15m, 24h, 7d`);
  return time;
}

/** Reads values that are among `known`. @throws BadQueryError */
function choicesOf<T extends string>(
  params: URLSearchParams,
  name: string,
  known: readonly T[],
): readonly T[] | undefined {
  return valuesOf(params, name)?.map((value) => {
    const choice = known.find((one) => one === value);
    if (choice === undefined) throw new BadQueryError(`${name} must be ${known.join(' or ')}`);
    return choice;
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
