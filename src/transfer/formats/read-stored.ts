import { isRecord, type UnknownRecord } from '../../common/unknown-values.js';
import { parseRecords } from '../../server/ingest/ingestion/parse-records.js';
import { toReadRecord } from './to-read-record.js';
import type { ReadContext, ReadRecord } from './read-record.js';

/** Returns true for a record of an export, of the file of `dev`, or of a file that `jsonlFile()` wrote. */
export function isStoredRecord(value: unknown): value is UnknownRecord {
  return isRecord(value) && (value['kind'] === 'prompt' || value['kind'] === 'event') && 'userId' in value;
}

export function readStored(value: UnknownRecord, { fallbackTime }: ReadContext): ReadRecord {
  return toReadRecord(parseRecords([value], new Date()), (record) => ({
    ...record,
    // The parser takes the present time if the record has none.
    ...(value['timestamp'] == null && value['receivedAt'] == null && timesAt(fallbackTime)),
  }));
}

function timesAt(time: Date): { readonly timestamp: string; readonly receivedAt: string } {
  return { timestamp: time.toISOString(), receivedAt: time.toISOString() };
}
