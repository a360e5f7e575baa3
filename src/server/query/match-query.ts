import type { PropertyValue } from '../../records/model/prompt-record.js';
import { feedbackTarget } from '../model/feedback.js';
import { searchTextOf } from '../model/search-text.js';
import { isError, modelName, ownerIdsOf, type StoredRecord } from '../model/stored-record.js';
import { resolveTime, type RecordQuery } from './record-query.js';

/** Returns true if a record is wanted. Callers that keep `searchTextOf(record)` pass it as `searchText`. */
export type RecordMatcher = (record: StoredRecord, searchText?: string) => boolean;

/** Returns true if a query matches a record. For many records, {@link createMatcher} is faster. */
export function matches(query: RecordQuery, record: StoredRecord, now: number): boolean {
  return createMatcher(query, now)(record);
}

/** Returns a function that tests records against a query. Pure: ages count back from `now`. */
export function createMatcher(query: RecordQuery, now: number): RecordMatcher {
  const tests: RecordMatcher[] = [];
  const anyOf = <T>(wanted: readonly T[] | undefined, valueOf: (record: StoredRecord) => T | undefined) => {
    if (!wanted) return;
    const values = new Set<T | undefined>(wanted);
    tests.push((record) => values.has(valueOf(record)));
  };
  anyOf(query.ids, (record) => record.id);
  anyOf(query.users, (record) => record.userId);
  anyOf(query.threads, (record) => record.threadId);
  anyOf(query.models, modelName);
  anyOf(query.events, (record) => (record.kind === 'event' ? record.event : undefined));
  anyOf(query.about, feedbackTarget);
  anyOf(query.kinds, (record) => record.kind);
  anyOf(query.errors, isError);
  const { tags, owners, properties = [], since, until, terms = [] } = query;
  if (owners) {
    const wanted = new Set(owners);
    tests.push((record) => ownerIdsOf(record).some((id) => wanted.has(id)));
  }
  if (tags) tests.push((record) => tags.some((tag) => record.tags.includes(tag)));
  for (const { name, values } of properties) anyOf(values, (record) => propertyText(record.properties[name]));
  if (since) {
    const from = resolveTime(since, now);
    tests.push((record) => Date.parse(record.timestamp) >= from);
  }
  if (until) {
    const to = resolveTime(until, now);
    tests.push((record) => Date.parse(record.timestamp) <= to);
  }
  // Last, because the search text may have to be built first.
  if (terms.length > 0)
    tests.push((record, searchText = searchTextOf(record)) =>
      terms.every(({ text, isExcluded = false }) => searchText.includes(text) !== isExcluded),
    );
  return (record, searchText) => tests.every((test) => test(record, searchText));
}

function propertyText(value: PropertyValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
