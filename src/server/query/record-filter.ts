import { feedbackTarget } from '../model/feedback.js';
import type { PropertyValue } from '../../records/model/prompt-record.js';
import type { StoreEntry } from '../engines/record-store.js';
import { modelName } from '../model/stored-record.js';

/** Whether an entry is wanted. */
export type RecordFilter = (entry: StoreEntry) => boolean;

/** A query that means nothing, for instance `since=yesterday`. */
export class BadQueryError extends Error {
  override readonly name = 'BadQueryError';
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads the filters of a query; they all have to hold, and of a repeated one any value will do.
 *
 * `user`, `thread`, `model`, `tag`, `event`, `about` (a record's id: the feedback on it), `kind` (`prompt` | `event`), `error` (`true` | `false`), `q` (words and "phrases" that all
 * have to occur), `since` and `until` (ISO 8601, milliseconds, or `15m`, `24h`, `7d` ago), `prop.<name>` (a property's value).
 *
 * @throws BadQueryError
 */
export function readFilter(params: URLSearchParams, now: number): RecordFilter {
  const filters: RecordFilter[] = [];
  const anyOf = (name: string, valueOf: (entry: StoreEntry) => string | undefined): void => {
    const wanted = new Set(valuesOf(params, name));
    if (wanted.size > 0) filters.push((entry) => wanted.has(valueOf(entry) ?? ''));
  };
  anyOf('user', ({ record }) => record.userId);
  anyOf('thread', ({ record }) => record.threadId);
  anyOf('model', ({ record }) => modelName(record));
  anyOf('event', ({ record }) => (record.kind === 'event' ? record.event : undefined));
  anyOf('about', ({ record }) => feedbackTarget(record));
  anyOf('kind', ({ record }) => record.kind);
  anyOf('error', ({ isError }) => String(isError));
  const tags = valuesOf(params, 'tag');
  if (tags.length > 0) filters.push(({ record }) => tags.some((tag) => record.tags.includes(tag)));
  for (const name of new Set(params.keys()))
    if (name.startsWith('prop.'))
      anyOf(name, ({ record }) => propertyText(record.properties[name.slice('prop.'.length)]));
  const since = readTime(params, 'since', now);
  if (since !== undefined) filters.push((entry) => entry.at >= since);
  const until = readTime(params, 'until', now);
  if (until !== undefined) filters.push((entry) => entry.at <= until);
  // Last, because it is the slowest.
  for (const text of readWords(params.get('q') ?? ''))
    filters.push((entry) => entry.searchText.includes(text));
  return filters.length === 0 ? () => true : (entry) => filters.every((filter) => filter(entry));
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
  'q',
  'since',
  'until',
]);

/** Whether a query filters at all. */
export function isFiltered(params: URLSearchParams): boolean {
  return [...params.keys()].some((name) => FILTERS.has(name) || name.startsWith('prop.'));
}

/** The values of a parameter, without empty ones. */
export function valuesOf(params: URLSearchParams, name: string): readonly string[] {
  return params.getAll(name).filter((value) => value !== '');
}

/** @throws BadQueryError */
export function readCount(params: URLSearchParams, name: string, fallback: number, max: number): number {
  const text = params.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new BadQueryError(`${name} must be a whole number`);
  return Math.min(value, max);
}

/** @throws BadQueryError */
export function readTime(params: URLSearchParams, name: string, now: number): number | undefined {
  const text = params.get(name);
  if (text === null || text === '') return undefined;
  const ago = /^(\d+)([smhd])$/.exec(text);
  if (ago) return now - Number(ago[1]) * UNITS_MS[ago[2] as keyof typeof UNITS_MS];
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(time))
    throw new BadQueryError(`${name} must be an ISO 8601 time, milliseconds, or an age such as 15m, 24h, 7d`);
  return time;
}

function readWords(query: string): string[] {
  const matches = query.toLowerCase().matchAll(/"([^"]+)"|(\S+)/g);
  return [...matches].map((match) => match[1] ?? match[2] ?? '');
}

function propertyText(value: PropertyValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
