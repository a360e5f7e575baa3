import { feedbackTarget } from '../model/feedback.js';
import { readOnce, type DocumentReader } from '../audience/read-once.js';
import { readQuery } from '../audience/read-query.js';
import { UnknownSegmentError } from '../audience/segments.js';
import { UnknownTopicError } from '../audience/topics.js';
import type { RecordStore } from '../engines/record-store.js';
import type { StoredRecord } from '../model/stored-record.js';
import { createMatcher } from '../query/match-query.js';
import { BadQueryError } from '../query/parse-query.js';
import { UnknownTimeZoneError } from '../query/parse-time-zone.js';
import {
  asksForFeedback,
  nestedQueries,
  needsOtherRecords,
  type RecordQuery,
} from '../query/record-query.js';

/** One query whose records a client gets. */
export interface Watch {
  /** The query as the client wrote it, by which it tells several apart. Undefined if the stream has only one. */
  readonly name: string | undefined;
  /** Returns those of the records that match. They are stored. */
  readonly select: (records: readonly StoredRecord[]) => Promise<readonly StoredRecord[]>;
}

/** Most queries of one stream: pages of one browser share it. */
const MAX_WATCHES = 100;

/**
 * Reads the queries of a stream: each parameter `watch` is a query string. Without one, the parameters are the only query. Segments and the
 * rule of internal traffic are those of now: a page connects again after it has changed them.
 *
 * @throws BadQueryError
 */
export async function readWatches(params: URLSearchParams, store: RecordStore): Promise<readonly Watch[]> {
  const names = params.getAll('watch');
  if (names.length > MAX_WATCHES) throw new BadQueryError(`watch may occur at most ${MAX_WATCHES} times`);
  const documents = readOnce(store.documents);
  if (names.length === 0) return [watchQuery(undefined, await readWatched(params, documents), store)];
  return Promise.all(
    names.map(async (name) =>
      watchQuery(name, await readWatched(new URLSearchParams(name), documents), store),
    ),
  );
}

/** Errors of a query that names a segment or topic that somebody has deleted, or a time zone that only the browser knows. */
const UNKNOWN = [UnknownSegmentError, UnknownTopicError, UnknownTimeZoneError];

/** A query with an unknown name has no records. An error would end the stream for the other queries as well. */
async function readWatched(params: URLSearchParams, documents: DocumentReader): Promise<RecordQuery> {
  try {
    return await readQuery(params, documents);
  } catch (error) {
    if (UNKNOWN.some((known) => error instanceof known)) return { ids: [] };
    throw error;
  }
}

/** Returns what selects the records of a query. Its name is that of {@link Watch}. */
export function watchQuery(name: string | undefined, query: RecordQuery, store: RecordStore): Watch {
  if (needsOtherRecords(query)) return { name, select: (records) => selectFromStore(store, query, records) };
  const matches = createMatcher(query, Date.now());
  return { name, select: (records) => Promise.resolve(records.filter((record) => matches(record))) };
}

/** The store knows the other records of their people, and the feedback on them. An answer is wanted as well when feedback on it arrives. */
async function selectFromStore(
  store: RecordStore,
  query: RecordQuery,
  records: readonly StoredRecord[],
): Promise<readonly StoredRecord[]> {
  if (records.length === 0) return [];
  const targets = hasFeedbackCondition(query)
    ? records.flatMap((record) => feedbackTarget(record) ?? [])
    : [];
  const ids = [...new Set([...records.map(({ id }) => id), ...targets])];
  const page = await store.list({ ...query, ids }, { limit: ids.length });
  return page.records.toReversed();
}

function hasFeedbackCondition(query: RecordQuery): boolean {
  return asksForFeedback(query) || nestedQueries(query).some(hasFeedbackCondition);
}
