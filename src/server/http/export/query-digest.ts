import { createHash } from 'node:crypto';
import type { RecordQuery } from '../../query/record-query.js';

/** Header of an export and of a page of changes: {@link digestOf} their query. */
export const QUERY_HEADER = 'x-trubrics-query';

/**
 * Returns a short text that changes when a query means other records: because other filters were given, or because the time zone, a segment, a topic or the rule
 * of internal traffic was changed. Ages stay the same.
 */
export function digestOf(query: RecordQuery): string {
  return createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 16);
}
