import type { DocumentStore } from '../engines/document-store.js';
import { TIME_ZONE_SETTING, zoneClock } from '../model/time-zone.js';
import { BadQueryError } from '../query/parse-query.js';

/** Returns the time zone of the project; undefined without one, or if the document cannot be read. */
export async function readTimeZone(documents: DocumentStore): Promise<string | undefined> {
  const document = await documents.get(TIME_ZONE_SETTING.kind, TIME_ZONE_SETTING.name);
  return timeZoneIn(document?.value);
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
  return typeof timeZone === 'string' && zoneClock(timeZone) ? timeZone : undefined;
}
