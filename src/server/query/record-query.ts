import type { AnswerRating } from '../model/feedback.js';
import type { StoredRecord } from '../model/stored-record.js';

/**
 * A query for records, as plain data that can be sent, compared and translated to SQL. All fields have to hold; of a list, any
 * value will do, and an empty list matches nothing. The empty query `{}` matches every record.
 */
export interface RecordQuery {
  readonly ids?: readonly string[];
  readonly users?: readonly string[];
  readonly threads?: readonly string[];
  /** Names that `modelName()` returns. */
  readonly models?: readonly string[];
  readonly tags?: readonly string[];
  /** Names of events. */
  readonly events?: readonly string[];
  /** Ids of records: matches the feedback on them. */
  readonly about?: readonly string[];
  /** Ids of records: matches the calls of these turns, and the events with feedback or an evaluation of these records. */
  readonly owners?: readonly string[];
  readonly kinds?: readonly StoredRecord['kind'][];
  readonly errors?: readonly boolean[];
  readonly properties?: readonly PropertyCondition[];
  /** Answers that at least one person rates so now: their latest rating, unless it was cleared. */
  readonly ratings?: readonly AnswerRating[];
  /** Answers with an evaluation below a score. Of each evaluation, the latest one that has a score counts. */
  readonly evaluations?: readonly EvaluationBound[];
  /** Unlike in other lists, all of them have to hold. */
  readonly terms?: readonly SearchTerm[];
  /** Bounds of `record.timestamp`, both inclusive. */
  readonly since?: QueryTime;
  readonly until?: QueryTime;
  /** Leaves out each record that matches any of these queries. An empty list leaves out nothing. */
  readonly not?: readonly RecordQuery[];
  /**
   * Only records of people who have, for each of these queries, a record that matches it. Every record is looked at for that, whatever the
   * other fields say. `anonymous` is nobody. An empty list asks nothing.
   */
  readonly peopleWho?: readonly RecordQuery[];
}

/** A score that an evaluation has to be below. */
export interface EvaluationBound {
  readonly below: number;
  /** Default: evaluations of any name. */
  readonly name?: string;
}

/** A word or phrase that has to occur in `searchTextOf(record)`, also within a word, or must not. */
export interface SearchTerm {
  /** Not empty, as `toSearchable()` writes it. */
  readonly text: string;
  readonly isExcluded?: true;
  /** Only words of what was asked, `askedText(record)`, count, as `createTermTest()` finds them. */
  readonly in?: 'asked';
}

export interface PropertyCondition {
  readonly name: string;
  /** Texts of scalars, JSON of objects and lists. */
  readonly values: readonly string[];
}

/** A point in time, or an age. An age makes the same query mean the same tomorrow, and lets answers be cached by query. */
export type QueryTime = { readonly at: number } | { readonly agoMs: number };

/** Returns a time in milliseconds since 1970. */
export function resolveTime(time: QueryTime, now: number): number {
  return 'at' in time ? time.at : now - time.agoMs;
}

/** Returns true if the meaning of a query depends on the clock. */
export function isRelative(query: RecordQuery): boolean {
  const { since, until } = query;
  return [since, until].some((time) => time && 'agoMs' in time) || nestedQueries(query).some(isRelative);
}

/** Returns true if one record alone does not tell whether it matches: other records of its user, or feedback on it, have a say. */
export function needsOtherRecords(query: RecordQuery): boolean {
  return (
    (query.peopleWho ?? []).length > 0 ||
    asksForFeedback(query) ||
    nestedQueries(query).some(needsOtherRecords)
  );
}

/** Returns true if feedback on a record decides whether it matches the conditions of a query itself, nested queries aside. */
export function asksForFeedback({ ratings, evaluations }: RecordQuery): boolean {
  return ratings !== undefined || evaluations !== undefined;
}

/** Returns the queries that a query consists of, besides itself. */
export function nestedQueries({ not = [], peopleWho = [] }: RecordQuery): readonly RecordQuery[] {
  return [...not, ...peopleWho];
}

/** Returns true if a query matches every record. */
export function isEmptyQuery(query: RecordQuery): boolean {
  return Object.values(query).every((value) => value === undefined);
}
