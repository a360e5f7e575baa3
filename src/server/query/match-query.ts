import { ANONYMOUS, type PropertyValue } from '../../records/model/prompt-record.js';
import {
  evaluationOf,
  feedbackTarget,
  ratingOf,
  type AnswerRating,
  type Evaluation,
} from '../model/feedback.js';
import { searchTextOf, toSearchable } from '../model/search-text.js';
import {
  askedText,
  isError,
  modelName,
  ownerIdsOf,
  type ListedRecord,
  type StoredRecord,
} from '../model/stored-record.js';
import { createTermTest } from './match-term.js';
import { asksForFeedback, resolveTime, type EvaluationBound, type RecordQuery } from './record-query.js';

/** Returns true if a record is wanted. Callers that keep `searchTextOf(record)` pass it as `searchText`. */
export type RecordMatcher = (record: StoredRecord, searchText?: string) => boolean;

/** Returns the users of the records that a query matches. */
export type UsersOf = (query: RecordQuery) => ReadonlySet<string>;

/** Facts that other records have about one. */
export interface OtherRecords {
  readonly usersOf: UsersOf;
  /** Returns the feedback and evaluations that count now on an answer, see `countFeedback()`. */
  readonly feedbackOn: (record: StoredRecord) => readonly ListedRecord[];
}

/** Returns true if a query matches a record. For many records, {@link createMatcher} is faster. */
export function matches(
  query: RecordQuery,
  record: StoredRecord,
  now: number,
  others?: OtherRecords,
): boolean {
  return createMatcher(query, now, others)(record);
}

/**
 * Returns a function that tests records against a query. Pure: ages count back from `now`.
 *
 * @param others needed for queries of which `needsOtherRecords()` is true
 */
export function createMatcher(
  query: RecordQuery,
  now: number,
  others: OtherRecords = { usersOf: refuse, feedbackOn: refuse },
): RecordMatcher {
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
  if (asksForFeedback(query)) {
    // Also if no record is tested.
    if (others.feedbackOn === refuse) refuse();
    tests.push(feedbackTest(query, others));
  }
  for (const members of peopleWho.map(others.usersOf))
    tests.push(({ userId }) => userId !== ANONYMOUS && members.has(userId));
  for (const excluded of not.map((one) => createMatcher(one, now, others)))
    tests.push((record, searchText) => !excluded(record, searchText));
  return (record, searchText) => tests.every((test) => test(record, searchText));
}

/** Tests answers by the feedback on them. */
function feedbackTest({ ratings, evaluations }: RecordQuery, { feedbackOn }: OtherRecords): RecordMatcher {
  return (record) => {
    if (record.kind !== 'prompt') return false;
    const feedback = feedbackOn(record);
    const isRated = (wanted: readonly AnswerRating[]): boolean =>
      feedback.some((event) => wanted.some((rating) => rating === ratingOf(event)));
    const isBelow = (bounds: readonly EvaluationBound[]): boolean =>
      feedback.some((event) => isBelowAny(evaluationOf(event), bounds));
    return (!ratings || isRated(ratings)) && (!evaluations || isBelow(evaluations));
  };
}

function isBelowAny(evaluation: Evaluation | undefined, bounds: readonly EvaluationBound[]): boolean {
  if (evaluation?.score === undefined) return false;
  const { name, score } = evaluation;
  return bounds.some((bound) => score < bound.below && (bound.name === undefined || bound.name === name));
}

function refuse(): never {
  throw new TypeError('A record alone does not tell whether it matches this query');
}

function propertyText(value: PropertyValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
