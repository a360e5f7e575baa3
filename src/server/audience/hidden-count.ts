import type { RecordStore } from '../engines/record-store.js';
import { readQuery } from './read-query.js';

/** Amount of internal traffic that matches filters. */
export interface InternalCount {
  readonly records: number;
  /** True if there are more records: a database stops counting. */
  readonly isCapped: boolean;
  readonly people: number;
}

/** Counts the internal traffic that matches the filters of a URL, whether or not they show it. @throws BadQueryError */
export async function countInternal(params: URLSearchParams, store: RecordStore): Promise<InternalCount> {
  const internal = new URLSearchParams(params);
  internal.set('internal', 'only');
  const query = await readQuery(internal, store.documents);
  const [{ total, isTotalCapped = false }, users] = await Promise.all([
    store.list(query, { limit: 1 }),
    store.users(query, 1),
  ]);
  return { records: total, isCapped: isTotalCapped, people: users.total };
}
