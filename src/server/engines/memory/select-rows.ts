import type { StringInterner } from './string-interner.js';
import type { RecordStore } from '../record-store.js';
import type { RecordTable } from './record-table.js';
import { readFilter, readTime, valuesOf } from '../../query/record-filter.js';

type RowTest = (row: number) => boolean;

/**
 * Rows of the records that a query matches, in the order of their arrival. What has a column is decided there, without a look at
 * the records; what has none (tags, properties, text) by the filter of the records that are left. @throws BadQueryError
 */
export function selectRows(store: RecordStore, params: URLSearchParams, now: number): Uint32Array {
  const { table } = store;
  const tests = columnTests(table, params, now);
  const filter = needsRecords(params) ? readFilter(params, now) : undefined;
  const rows = new Uint32Array(table.end - table.first);
  let count = 0;
  for (let row = table.first; row < table.end; row++) {
    const entry = table.entry(row);
    if (entry && passes(tests, row) && (!filter || filter(entry))) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

function passes(tests: readonly RowTest[], row: number): boolean {
  for (const test of tests) if (!test(row)) return false;
  return true;
}

function columnTests(table: RecordTable, params: URLSearchParams, now: number): RowTest[] {
  const { at, event, isError } = table;
  const tests: RowTest[] = [];
  const named = (parameter: string, column: Uint32Array, names: StringInterner): void => {
    const wanted = valuesOf(params, parameter);
    if (wanted.length === 0) return;
    const ids = new Set(wanted.map((name) => names.find(name) ?? -1));
    const [only] = ids;
    tests.push(ids.size === 1 ? (row) => column[row] === only : (row) => ids.has(column[row] ?? -1));
  };
  named('user', table.user, table.users);
  named('thread', table.thread, table.threads);
  named('event', event, table.events);
  named('model', table.model, table.models);
  named('about', table.target, table.targets);
  const kinds = valuesOf(params, 'kind');
  if (kinds.length > 0) tests.push((row) => kinds.includes(event[row] === 0 ? 'prompt' : 'event'));
  const errors = valuesOf(params, 'error');
  if (errors.length > 0) tests.push((row) => errors.includes(isError[row] === 1 ? 'true' : 'false'));
  const since = readTime(params, 'since', now);
  if (since !== undefined) tests.push((row) => (at[row] ?? 0) >= since);
  const until = readTime(params, 'until', now);
  if (until !== undefined) tests.push((row) => (at[row] ?? 0) <= until);
  return tests;
}

function needsRecords(params: URLSearchParams): boolean {
  return [...params].some(
    ([name, value]) => value !== '' && (name === 'q' || name === 'tag' || name.startsWith('prop.')),
  );
}
