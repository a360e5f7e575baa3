import { ANONYMOUS, type PropertyValue } from '../../records/model/prompt-record.js';
import { feedbackTarget } from '../model/feedback.js';
import { searchTextOf, toSearchable } from '../model/search-text.js';
import { askedText, isError, modelName, ownerIdsOf, type StoredRecord } from '../model/stored-record.js';
import { createTermTest } from './match-term.js';
import { resolveTime, type RecordQuery } from './record-query.js';

/** Returns true if a record is wanted. Callers that keep `searchTextOf(record)` pass it as `searchText`. */
export type RecordMatcher = (record: StoredRecord, searchText?: string) => boolean;

/** Returns the users of the records that a query matches. */
export type UsersOf = (query: RecordQuery) => ReadonlySet<string>;

/** Returns true if a query matches a record. For many records, {@link createMatcher} is faster. */
export function matches(query: RecordQuery, record: StoredRecord, now: number, usersOf?: UsersOf): boolean {
  return createMatcher(query, now, usersOf)(record);
}

/**
 * Returns a function that tests records against a query. Pure: ages count back from `now`.
 *
 * @param usersOf needed for queries with `peopleWho`, see `needsPeople()`
 */
export function createMatcher(query: RecordQuery, now: number, usersOf: UsersOf = refuse): RecordMatcher {
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
  const { tags, owners, properties = [], since, until, terms = [], not = [], peopleWho = [] } = query;
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
  const anywhere = terms.filter((term) => term.in === undefined);
  if (anywhere.length > 0)
    tests.push((record, searchText = searchTextOf(record)) =>
      anywhere.every(({ text, isExcluded = false }) => searchText.includes(text) !== isExcluded),
    );
  for (const { text, isExcluded = false } of terms.filter((term) => term.in === 'asked')) {
    const isFound = createTermTest(text);
    tests.push((record) => isFound(toSearchable(askedText(record))) !== isExcluded);
  }
  for (const members of peopleWho.map(usersOf))
    tests.push(({ userId }) => userId !== ANONYMOUS && members.has(userId));
  for (const excluded of not.map((one) => createMatcher(one, now, usersOf)))
    tests.push((record, searchText) => !excluded(record, searchText));
  return (record, searchText) => tests.every((test) => test(record, searchText));
}

function refuse(): never {
  throw new TypeError('A record alone does not tell whether it matches a query with "peopleWho"');
}

function propertyText(value: PropertyValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
