import type { ParsedItems } from '../../server/ingest/ingestion/parse-items.js';
import type { NewRecord } from '../../server/model/stored-record.js';
import type { ReadRecord } from './read-record.js';

/** Returns the only record of a parsed list, completed; or why it is refused: the field, without its content. */
export function toReadRecord(parsed: ParsedItems, complete: (record: NewRecord) => NewRecord): ReadRecord {
  if (!parsed.isValid) {
    const [error] = parsed.errors;
    const field = error?.loc.slice(2).join('.') ?? '';
    return { reason: 'invalid', detail: [field, error?.msg].filter(Boolean).join(': ') };
  }
  const [record] = parsed.records;
  return record ? complete(record) : { reason: 'not_recognised' };
}
