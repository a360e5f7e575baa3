import type { PropertyValue } from '../../records/model/prompt-record.js';
import { UTC_CLOCK, type ZoneClock } from '../model/time-zone.js';
import { BadQueryError, isQueryParameter, namesLocalTime, parseQuery } from './parse-query.js';
import { isEmptyQuery, type RecordQuery } from './record-query.js';

/** Most filters of one document. */
export const MAX_FILTERS = 50;

/** Filters of a document: each as the parameters of a URL, for instance `prop.plan=pro&not.user=ada`. */
export interface StoredFilters {
  readonly filters: readonly string[];
}

/**
 * Reads the value of a document: {@link StoredFilters}. Unlike in a URL, a parameter that is no filter is refused: ignored, a misspelt name
 * would make a filter that every record matches.
 *
 * @param clock as in {@link parseQuery}
 * @throws BadQueryError
 */
export function parseFilters(value: PropertyValue, clock: ZoneClock = UTC_CLOCK): readonly RecordQuery[] {
  const filters = filtersIn(value);
  if (!Array.isArray(filters) || filters.length > MAX_FILTERS)
    throw new BadQueryError(`"filters" must be a list of at most ${MAX_FILTERS} filters`);
  return filters.map((text) => parseFilter(text, clock));
}

/** Returns true if the meaning of the filters of a document depends on a clock. */
export function haveLocalTime(value: PropertyValue): boolean {
  const filters = filtersIn(value);
  if (!Array.isArray(filters)) return false;
  return filters.some((text) => typeof text === 'string' && namesLocalTime(new URLSearchParams(text)));
}

function filtersIn(value: PropertyValue): PropertyValue | undefined {
  return isObject(value) ? value['filters'] : undefined;
}

function isObject(value: PropertyValue): value is Readonly<Record<string, PropertyValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws BadQueryError */
function parseFilter(text: PropertyValue, clock: ZoneClock): RecordQuery {
  if (typeof text !== 'string') throw new BadQueryError('A filter must be a text such as "tag=internal"');
  const params = new URLSearchParams(text);
  const unknown = [...params.keys()].find((name) => !isQueryParameter(name) || isOfAudience(name));
  if (unknown !== undefined) throw new BadQueryError(`"${text}": "${unknown}" is no filter of records`);
  const query = parseQuery(params, clock);
  if (isEmptyQuery(query)) throw new BadQueryError(`"${text}" is no filter: every record matches it`);
  return query;
}

/** A segment in a segment could refer to itself. */
function isOfAudience(name: string): boolean {
  return ['segment', 'not.segment', 'topic', 'internal'].includes(name);
}
