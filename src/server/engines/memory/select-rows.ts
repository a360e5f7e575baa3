import { createMatcher } from '../../query/match-query.js';
import { isEmptyQuery, resolveTime, type RecordQuery } from '../../query/record-query.js';
import type { RecordTable } from './record-table.js';
import type { StringInterner } from './string-interner.js';

type RowTest = (row: number) => boolean;

/**
 * Returns the rows of the records that a query matches, in order of arrival. Conditions that have a column are tested there, without
 * reading the record. Tags, properties, search terms and ids have none: for them the remaining records are read.
 */
export function selectRows(table: RecordTable, query: RecordQuery, now: number): Uint32Array {
  const tests = columnTests(table, query, now);
  const withoutColumn = conditionsWithoutColumn(query);
  const matchesRecord = isEmptyQuery(withoutColumn) ? undefined : createMatcher(withoutColumn, now);
  const rows = new Uint32Array(table.end - table.first);
  let count = 0;
  for (let row = table.first; row < table.end; row++) {
    const entry = table.entry(row);
    if (!entry || !passes(tests, row)) continue;
    if (!matchesRecord || matchesRecord(entry.record, entry.searchText)) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

function conditionsWithoutColumn({ ids, tags, owners, properties, terms }: RecordQuery): RecordQuery {
  return {
    ...(ids && { ids }),
    ...(tags && { tags }),
    ...(owners && { owners }),
    ...(properties && { properties }),
    ...(terms && { terms }),
  };
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
  const { kinds, errors, since, until } = query;
  if (kinds) tests.push((row) => kinds.includes(event[row] === 0 ? 'prompt' : 'event'));
  if (errors) tests.push((row) => errors.includes(isError[row] === 1));
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
