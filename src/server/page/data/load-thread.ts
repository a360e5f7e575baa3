import type { StoredRecord } from '../../model/stored-record.js';
import { getResource } from './api.js';

/** The latest records of a conversation, in order of arrival, latest first. */
export interface Thread {
  readonly id: string;
  readonly records: readonly StoredRecord[];
  readonly feedback: readonly StoredRecord[];
  /** Number of records of the conversation, loaded or not. */
  readonly total: number;
  readonly pages: number;
  /** True if the conversation has earlier records. */
  readonly hasEarlier: boolean;
}

const PAGE_SIZE = 200;

/**
 * Loads the latest `pages` pages of a conversation. Of what was loaded `before`, only the latest page is loaded again, unless that leaves a
 * gap. Pass it only if no record was removed since.
 *
 * @throws ApiError
 */
export async function loadThread(
  id: string,
  pages: number,
  before: Thread | undefined,
  signal: AbortSignal,
): Promise<Thread> {
  const list = (cursor: string) =>
    getResource(
      'records',
      // A conversation that is open is shown whole, also what is hidden as internal traffic elsewhere.
      new URLSearchParams({ thread: id, limit: String(PAGE_SIZE), internal: 'show' }).toString() + cursor,
      signal,
    );
  const latest = await list('');
  const oldest = latest.records.at(-1)?.seq ?? 0;
  if (before?.pages === pages && oldest <= (before.records[0]?.seq ?? -1)) {
    const earlier = before.records.filter(({ seq }) => seq < oldest);
    return {
      ...before,
      records: [...latest.records, ...earlier],
      feedback: [...before.feedback, ...latest.feedback],
      total: latest.total,
    };
  }
  const lists = [latest];
  for (let next = latest.before; next !== null && lists.length < pages; next = lists.at(-1)?.before ?? null)
    lists.push(await list(`&before=${encodeURIComponent(next)}`));
  return {
    id,
    records: lists.flatMap(({ records }) => records),
    feedback: lists.flatMap(({ feedback }) => feedback),
    total: latest.total,
    pages,
    hasEarlier: (lists.at(-1)?.before ?? null) !== null,
  };
}
