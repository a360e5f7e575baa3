import type { PropertyValue } from '../../records/model/prompt-record.js';
import { TIME_ZONE_SETTING, UTC_CLOCK, type ZoneClock } from '../model/time-zone.js';
import { haveLocalTime, parseFilters } from '../query/parse-filters.js';
import { BadQueryError, namesLocalTime } from '../query/parse-query.js';
import { clockOf, findClock } from '../query/parse-time-zone.js';
import type { RecordQuery } from '../query/record-query.js';
import type { DocumentReader } from './read-once.js';

/** The time zone of a project, as the page says it. */
export interface TimeZoneSetting {
  /** Undefined without one, or if it is unread. */
  readonly timeZone: string | undefined;
  /** True if there may be one: the store has not answered, or the document has another form. */
  readonly isUnread: boolean;
}

export async function readTimeZoneSetting(documents: DocumentReader): Promise<TimeZoneSetting> {
  const document = await documents.get(TIME_ZONE_SETTING.kind, TIME_ZONE_SETTING.name);
  const timeZone = timeZoneIn(document?.value);
  return { timeZone, isUnread: document !== undefined && timeZone === undefined };
}

/** Returns the time zone of the project; undefined without one, or if the document has another form. */
export async function readTimeZone(documents: DocumentReader): Promise<string | undefined> {
  return (await readTimeZoneSetting(documents)).timeZone;
}

/**
 * Returns the time zone of a request's days: its parameter `timezone`, else that of the project, else UTC. Every route with days reads it
 * here; `test/server/audience/project-time-zone.test.ts` asks all routes.
 *
 * @throws BadQueryError if there is no such time zone
 */
export async function readRequestTimeZone(
  params: URLSearchParams,
  documents: DocumentReader,
): Promise<string> {
  const given = params.get('timezone');
  if (given) return clockOf(given).timeZone;
  return (await readTimeZone(documents)) ?? 'UTC';
}

/** Returns the clock for the filters of a request. The setting is read only if one of them needs it. @throws BadQueryError */
export async function readRequestClock(
  params: URLSearchParams,
  documents: DocumentReader,
): Promise<ZoneClock> {
  return namesLocalTime(params) ? clockOf(await readRequestTimeZone(params, documents)) : UTC_CLOCK;
}

/** Returns the clock of the project for the filters of documents, which mean the same for every reader. It is read only if one needs it. */
export async function readFilterClock(
  values: readonly PropertyValue[],
  documents: DocumentReader,
): Promise<ZoneClock> {
  const timeZone = values.some(haveLocalTime) ? await readTimeZone(documents) : undefined;
  return timeZone === undefined ? UTC_CLOCK : clockOf(timeZone);
}

/** Reads the filters of a document, whose days are those of the project. @throws BadQueryError */
export async function readFilters(
  value: PropertyValue,
  documents: DocumentReader,
): Promise<readonly RecordQuery[]> {
  return parseFilters(value, await readFilterClock([value], documents));
}

/** Refuses a value that cannot be the document. Other settings are ignored. @throws BadQueryError */
export function checkTimeZoneSetting(name: string, value: unknown): void {
  if (name === TIME_ZONE_SETTING.name && timeZoneIn(value) === undefined)
    throw new BadQueryError(
      'This setting has the form { "timeZone": "Europe/Berlin" }, with a name of the IANA time zone database',
    );
}

function timeZoneIn(value: unknown): string | undefined {
  const { timeZone } = Object(value) as { readonly timeZone?: unknown };
  return typeof timeZone === 'string' && findClock(timeZone) ? timeZone : undefined;
}
