import { ANONYMOUS } from '../../../records/model/prompt-record.js';
import type { AnswerRating } from '../../model/feedback.js';
import { createMatcher } from '../../query/match-query.js';
import {
  isRelative,
  needsOtherRecords,
  type EvaluationBound,
  resolveTime,
  type PropertyCondition,
  type RecordQuery,
  type SearchTerm,
} from '../../query/record-query.js';
import { answerOf, RATING_BITS } from './table/rated-answers.js';
import type { PropertyColumn } from './table/property-column.js';
import type { RecordTable } from './table/record-table.js';
import type { StringInterner } from './table/string-interner.js';

type RowTest = (row: number) => boolean;

/** Up to this many rows, their texts are read one by one; above, all texts are searched at once. */
const FEW_ROWS = 2000;

/**
 * Returns the rows of the records that a query matches, in order of arrival. Conditions that have a column are tested there. Search terms
 * have none, nor have properties unless somebody has measured by them: the contents of all records are searched for them, without reading the records.
 */
export function selectRows(table: RecordTable, query: RecordQuery, now: number): Uint32Array {
  const { not = [], peopleWho = [] } = query;
  const tests = columnTests(table, query, now);
  for (const people of peopleWho) tests.push(peopleTest(table, people, now));
  for (const excluded of not) tests.push(exclusionTest(table, excluded, now));
  let rows = rowsThatPass(table, tests, query.ids);
  for (const term of query.terms ?? []) rows = withTerm(table, rows, term);
  for (const condition of query.properties ?? [])
    if (!keptColumn(table, condition)) rows = withProperty(table, rows, condition);
  return rows;
}

/** Returns true if the columns alone tell which rows match. */
function hasOnlyColumns(table: RecordTable, query: RecordQuery): boolean {
  const { terms, properties = [], not, peopleWho } = query;
  return (
    [terms, not, peopleWho].every((values) => values === undefined) &&
    properties.every((condition) => keptColumn(table, condition) !== undefined)
  );
}

/** Returns the column of a property if it tells which rows match. It does not tell null and an empty text from no value. */
function keptColumn(table: RecordTable, { name, values }: PropertyCondition): PropertyColumn | undefined {
  return values.includes('') || values.includes('null') ? undefined : table.keptProperty(name);
}

function exclusionTest(table: RecordTable, query: RecordQuery, now: number): RowTest {
  if (hasOnlyColumns(table, query)) {
    const tests = columnTests(table, query, now);
    return (row) => !passes(tests, row);
  }
  const isExcluded = marksOf(table, query, now);
  return (row) => (isExcluded[row] ?? 0) === 0;
}

/** Returns 1 at the rows that match. The marks of queries for properties are kept: a rule excludes them from one answer after the other. */
function marksOf(table: RecordTable, query: RecordQuery, now: number): Uint8Array {
  const key = canBeKept(query) ? JSON.stringify(query) : undefined;
  const kept = key === undefined ? undefined : table.marks.get(key);
  if (kept) return kept;
  const marks = new Uint8Array(table.end);
  for (const row of selectRows(table, query, now)) marks[row] = 1;
  if (key !== undefined) table.marks.keep(key, marks, createMatcher(query, now));
  return marks;
}

/** A record alone has to tell, at any time, and without its searched text, which would have to be made for each record that arrives. */
function canBeKept(query: RecordQuery): boolean {
  return (
    query.properties !== undefined &&
    query.terms === undefined &&
    !needsOtherRecords(query) &&
    !isRelative(query) &&
    query.not === undefined
  );
}

/** Returns a test for the rows of people who have a record that matches. */
function peopleTest(table: RecordTable, query: RecordQuery, now: number): RowTest {
  const { user, users } = table;
  const isMember = new Uint8Array(users.limit);
  for (const row of selectRows(table, query, now)) isMember[user[row] ?? 0] = 1;
  isMember[users.find(ANONYMOUS) ?? 0] = 0;
  return (row) => isMember[user[row] ?? 0] === 1;
}

function rowsThatPass(
  table: RecordTable,
  tests: readonly RowTest[],
  ids: readonly string[] | undefined,
): Uint32Array {
  // Records that are named are not looked for.
  if (ids) return rowsOf(table, ids).filter((row) => passes(tests, row));
  const rows = new Uint32Array(table.end - table.first);
  let count = 0;
  for (let row = table.first; row < table.end; row++)
    if (table.has(row) && passes(tests, row)) rows[count++] = row;
  return rows.subarray(0, count);
}

/** Returns the rows of records, in order of arrival. */
function rowsOf(table: RecordTable, ids: readonly string[]): Uint32Array {
  return Uint32Array.from(new Set(ids.flatMap((id) => table.rowOfId(id) ?? []))).sort();
}

function withTerm(table: RecordTable, rows: Uint32Array, term: SearchTerm): Uint32Array {
  if (term.in === 'asked') return withAskedTerm(table, rows, term);
  const { text } = term;
  const isExcluded = term.isExcluded === true;
  if (rows.length <= FEW_ROWS)
    return rows.filter((row) => table.searchText(row).includes(text) !== isExcluded);
  const isFound = new Uint8Array(table.end);
  table.findText(text, (row) => (isFound[row] = 1));
  return rows.filter((row) => (isFound[row] === 1) !== isExcluded);
}

/** The question is a part of the searched text: only records that have the term anywhere are read. */
function withAskedTerm(table: RecordTable, rows: Uint32Array, { text, isExcluded }: SearchTerm): Uint32Array {
  const matches = createMatcher({ terms: [{ text, in: 'asked' }] }, 0);
  const found = new Set(
    withTerm(table, rows, { text }).filter((row) => {
      const record = table.record(row);
      return record !== undefined && matches(record);
    }),
  );
  return rows.filter((row) => found.has(row) !== (isExcluded === true));
}

const [UNSURE, SURE] = [1, 2];

function withProperty(table: RecordTable, rows: Uint32Array, condition: PropertyCondition): Uint32Array {
  const found = new Uint8Array(table.end);
  table.findProperty(
    condition,
    (row, isSure) => (found[row] = Math.max(found[row] ?? 0, isSure ? SURE : UNSURE)),
  );
  const matches = createMatcher({ properties: [condition] }, 0);
  return rows.filter((row) => {
    if (found[row] !== UNSURE) return found[row] === SURE;
    const record = table.record(row);
    return record !== undefined && matches(record);
  });
}

function passes(tests: readonly RowTest[], row: number): boolean {
  for (const test of tests) if (!test(row)) return false;
  return true;
}

function columnTests(table: RecordTable, query: RecordQuery, now: number): RowTest[] {
  const { at, event, isError } = table;
  const tests: RowTest[] = [];
  const named = (wanted: readonly string[] | undefined, column: Uint32Array, names: StringInterner): void => {
    if (!wanted) return;
    const ids = new Set(wanted.map((name) => names.find(name) ?? -1));
    const [only] = ids;
    tests.push(ids.size === 1 ? (row) => column[row] === only : (row) => ids.has(column[row] ?? -1));
  };
  named(query.users, table.user, table.users);
  named(query.threads, table.thread, table.threads);
  named(query.events, event, table.events);
  named(query.models, table.model, table.models);
  named(query.about, table.target, table.targets);
  const { ids, owners, kinds, errors, tags, since, until, ratings, evaluations } = query;
  for (const condition of query.properties ?? []) {
    const column = keptColumn(table, condition);
    if (!column) continue;
    const { ids: texts } = column;
    const wanted = column.numbersOf(condition.values);
    tests.push((row) => wanted.has(texts[row] ?? 0));
  }
  if (ratings) tests.push(ratingTest(table, ratings));
  if (evaluations) tests.push(evaluationTest(table, evaluations));
  if (ids) {
    const wanted = new Set(rowsOf(table, ids));
    tests.push((row) => wanted.has(row));
  }
  if (owners) {
    const wanted = new Set(owners.map((id) => table.owners.find(id) ?? -1));
    tests.push((row) => wanted.has(table.firstOwner[row] ?? 0) || wanted.has(table.secondOwner[row] ?? 0));
  }
  if (kinds) tests.push((row) => kinds.includes(event[row] === 0 ? 'prompt' : 'event'));
  if (errors) tests.push((row) => errors.includes(isError[row] === 1));
  if (tags) tests.push(tagTest(table, tags));
  if (since) {
    const from = resolveTime(since, now);
    tests.push((row) => (at[row] ?? 0) >= from);
  }
  if (until) {
    const to = resolveTime(until, now);
    tests.push((row) => (at[row] ?? 0) <= to);
  }
  return tests;
}

function ratingTest(table: RecordTable, ratings: readonly AnswerRating[]): RowTest {
  const rated = table.ratings();
  const wanted = ratings.reduce((bits, rating) => bits | RATING_BITS[rating], 0);
  return (row) => ((rated[row] ?? 0) & wanted) > 0;
}

function evaluationTest(table: RecordTable, bounds: readonly EvaluationBound[]): RowTest {
  const isBelow = new Uint8Array(table.end);
  for (const row of table.scores()) {
    const score = table.score[row] ?? Number.NaN;
    const name = table.evaluations.nameOf(table.evaluation[row] ?? 0);
    const answer = answerOf(table, row);
    if (answer !== undefined && bounds.some((bound) => score < bound.below && (bound.name ?? name) === name))
      isBelow[answer] = 1;
  }
  return (row) => isBelow[row] === 1;
}

/** Few lists of tags occur: each is read once. */
function tagTest({ tagList, tagLists }: RecordTable, tags: readonly string[]): RowTest {
  const isMatch = new Uint8Array(tagLists.limit);
  for (let id = 1; id < tagLists.limit; id++) {
    const name = tagLists.nameOf(id);
    if (name === '') continue;
    const list = JSON.parse(name) as readonly string[];
    isMatch[id] = tags.some((tag) => list.includes(tag)) ? 1 : 0;
  }
  return (row) => isMatch[tagList[row] ?? 0] === 1;
}
