import { ANONYMOUS } from '../../../../records/model/prompt-record.js';
import { isEmptyQuery, resolveTime, type RecordQuery, type SearchTerm } from '../../../query/record-query.js';
import type { Parameters, ParameterValue } from '../client/parameters.js';
import { escapePattern, SEARCHABLE_ASKED_TEXT, termPattern, WHITE_SPACE } from './asked-text.js';
import { dayOf } from './record-row.js';
import { SEARCH_TEXT } from '../schema/search-text.js';
import { answersBelow, latestRatings } from './answer-feedback.js';
import { AT_MS } from './totals.js';

/** Conditions of a statement with placeholders, and their values. */
export interface WhereClause {
  /** All conditions, joined by AND. Every version of a row is tested: only with FINAL is the answer exact. */
  readonly sql: string;
  readonly parameters: Parameters;
}

/** Collects values of placeholders. */
class ParameterList {
  readonly values: Record<string, ParameterValue> = {};
  readonly project: string;
  readonly #prefix: string;
  #count = 0;

  constructor(prefix: string, project: string) {
    this.#prefix = prefix;
    this.project = project;
  }

  add(type: string, value: ParameterValue): string {
    const name = `${this.#prefix}${this.#count++}`;
    this.values[name] = value;
    return `{${name}:${type}}`;
  }
}

type Condition<Value> = (value: Value, list: ParameterList, now: number) => readonly string[];

/** Conditions on columns with an index, by which the keys of few rows are found. */
const INDEXED = {
  ids: (ids, list) => anyOf('id', ids, list),
  threads: (threads, list) => anyOf('thread', threads, list),
  users: (users, list) => anyOf('user', users, list),
  about: (ids, list) => anyOf('target', ids, list),
  owners: (ids, list) => [`hasAny(owners, ${list.add('Array(String)', ids)})`],
} as const satisfies Conditions;

const OTHERS = {
  models: (models, list) => anyOf('model', models, list),
  events: (events, list) => [...anyOf('event', events, list), "kind = 'event'"],
  kinds: (kinds, list) => anyOf('kind', kinds, list),
  errors: (errors, list) => [`is_error IN ${list.add('Array(UInt8)', errors.map(Number))}`],
  tags: (tags, list) => [`hasAny(tags, ${list.add('Array(String)', tags)})`],
  properties: (properties, list) => properties.map(({ name, values }) => property(name, values, list)),
  ratings: (ratings, list) => [
    `kind = 'prompt' AND id IN (SELECT target FROM ${latestRatings(list.add('String', list.project))}
    WHERE latest IN ${list.add('Array(String)', ratings)})`,
  ],
  evaluations: (bounds, list) => [
    `kind = 'prompt' AND id IN (${answersBelow(bounds, list.add('String', list.project), (type, value) => list.add(type, value))})`,
  ],
  terms: (terms, list) => terms.map((term) => searchCondition(term, list)),
  // Days are part of the key. A record keeps the day of its time, so that no other day has to be read.
  since: (since, list, now) => [
    `day >= ${list.add('Date32', dayOf(resolveTime(since, now)))}`,
    `${AT_MS} >= ${list.add('Int64', Math.ceil(resolveTime(since, now)))}`,
  ],
  until: (until, list, now) => [
    `day <= ${list.add('Date32', dayOf(resolveTime(until, now)))}`,
    `${AT_MS} <= ${list.add('Int64', Math.floor(resolveTime(until, now)))}`,
  ],
  not: (queries, list, now) => queries.map((query) => exclusion(query, list, now)),
  peopleWho: (queries, list, now) =>
    queries.map(
      (query) => `user IN (SELECT user FROM records FINAL
    WHERE user != ${list.add('String', ANONYMOUS)} AND ${conditions(query, list, now)})`,
    ),
} as const satisfies Conditions;

type Conditions = { readonly [Field in keyof RecordQuery]: Condition<NonNullable<RecordQuery[Field]>> };

/** Returns true if an index finds the records that match, and they are expected to be few: those of one conversation, or of some ids. */
export function isSelective({ ids, threads, about, owners }: RecordQuery): boolean {
  return [ids, threads, about, owners].some((values) => values !== undefined);
}

/** Returns true if an index finds the records that match: those of some people, conversations or ids. */
export function isIndexed(query: RecordQuery): boolean {
  return Object.keys(INDEXED).some((field) => query[field as keyof RecordQuery] !== undefined);
}

/** Returns true if a query asks for everything, or everything of a time. */
export function isUnfiltered({ since: _since, until: _until, ...others }: RecordQuery): boolean {
  return isEmptyQuery(others);
}

/** Compiles only if every field of a query is translated: one that was forgotten would let a removal delete everything. */
const ALL: Required<Conditions> = { ...INDEXED, ...OTHERS };

/**
 * Translates a query. Ages count back from `now`.
 *
 * A condition on columns that an index covers is tested a second time in a subquery without FINAL, which yields the keys of few rows. With FINAL alone,
 * every row of the days would be merged first. The keys are a superset, because each version of a record is tested.
 */
export function whereClause(project: string, query: RecordQuery, now: number): WhereClause {
  const list = new ParameterList('q', project);
  return { sql: conditions(query, list, now), parameters: list.values };
}

/** Returns all conditions of a query, with the subquery for those that an index covers. */
function conditions(query: RecordQuery, list: ParameterList, now: number): string {
  const inProject = `project = ${list.add('String', list.project)}`;
  const indexed = translate(Object.keys(INDEXED), query, list, now);
  const all = [inProject, ...indexed, ...translate(Object.keys(OTHERS), query, list, now)];
  if (indexed.length > 0)
    all.push(`(day, id) IN (SELECT day, id FROM records WHERE ${[inProject, ...indexed].join(' AND ')})`);
  return all.join('\n  AND ');
}

/** Returns the condition that a record, which is read anyway, does not match a query. */
function exclusion(query: RecordQuery, list: ParameterList, now: number): string {
  return `NOT (${['1', ...translate(Object.keys(ALL), query, list, now)].join(' AND ')})`;
}

function translate(
  fields: readonly string[],
  query: RecordQuery,
  list: ParameterList,
  now: number,
): readonly string[] {
  return fields.flatMap((field) => conditionsOf(field as keyof RecordQuery, query, list, now));
}

function conditionsOf(
  field: keyof RecordQuery,
  query: RecordQuery,
  list: ParameterList,
  now: number,
): readonly string[] {
  const value = query[field];
  return value === undefined ? [] : (ALL[field] as Condition<typeof value>)(value, list, now);
}

/** The empty text stands for no value in these columns, which no filter names. */
function anyOf(column: string, values: readonly string[], list: ParameterList): string[] {
  const named = values.filter((value) => value !== '');
  return [`${column} IN ${list.add('Array(String)', named)}`];
}

/** Properties are kept as JSON. A condition names the text of a scalar, or the JSON of a list or an object. */
function property(name: string, values: readonly string[], list: ParameterList): string {
  const column = `properties[${list.add('String', name)}]`;
  // A missing property reads as the empty text, which is no JSON. JSON of a text is the text in quotes, which is another one.
  const texts = values.flatMap((value) => [
    JSON.stringify(value),
    ...(/^(?!")./s.test(value) ? [value] : []),
  ]);
  return `${column} IN ${list.add('Array(String)', texts)}`;
}

/** Returns the conditions of phrases alone. Its placeholders have names of their own, so that the clause stands beside another one. */
export function phraseClause(project: string, phrases: readonly SearchTerm[]): WhereClause {
  const list = new ParameterList('p', project);
  return { sql: phrases.map((term) => searchCondition(term, list)).join(' AND '), parameters: list.values };
}

/** A phrase matches over line breaks and several spaces, which `toSearchable()` makes one space. */
function searchCondition(term: SearchTerm, list: ParameterList): string {
  const { text, isExcluded } = term;
  const words = text.split(' ');
  const conditions = words.map(
    (word) => `${SEARCH_TEXT} LIKE ${list.add('String', `%${escapeLike(word)}%`)}`,
  );
  if (words.length > 1)
    conditions.push(
      `match(${SEARCH_TEXT}, ${list.add('String', words.map(escapePattern).join(WHITE_SPACE))})`,
    );
  if (term.in === 'asked')
    conditions.push(`match(${SEARCHABLE_ASKED_TEXT}, ${list.add('String', termPattern(text))})`);
  const condition = `(${conditions.join(' AND ')})`;
  return isExcluded ? `NOT ${condition}` : condition;
}

function escapeLike(word: string): string {
  return word.replace(/[\\%_]/g, String.raw`\$&`);
}
