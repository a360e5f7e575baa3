import type { RecordTable } from '../table/record-table.js';
import { withEllipsis } from '../../../model/preview.js';
import type { ThreadList, ThreadOrder, ThreadSummary } from '../../../model/lists.js';
import { DistinctNumbers, groupRows, latestOf, type RowGroup } from './group-rows.js';
import { emptyTotals, toTotals } from '../../../model/running-totals.js';
import { addRow } from '../statistics/totals.js';

/** Characters of a conversation's first prompt: one or two lines of the list. */
const PREVIEW_LENGTH = 200;

/** Returns the conversations that occur in `rows`, at most `limit`. */
export function listThreads(
  table: RecordTable,
  rows: Uint32Array,
  limit: number,
  order: ThreadOrder,
): ThreadList {
  const latest = latestOf(table.thread, table.seen, rows, table.threads.limit);
  const keys = order === 'latest' ? latest : KEYS[order](table, rows);
  const { total, groups } = groupRows(table.thread, table.threads, rows, limit, [keys, latest]);
  const users = new DistinctNumbers(table.user, table.users);
  const models = new DistinctNumbers(table.model, table.models);
  return { threads: groups.map((group) => summarise(table, group, users, models)), total };
}

type Keys = (table: RecordTable, rows: Uint32Array) => Float64Array;

/** Sort keys of conversations, by their interned numbers, the largest first. */
const KEYS: Readonly<Record<Exclude<ThreadOrder, 'latest'>, Keys>> = {
  earliest: (table, rows) =>
    latestOf(
      table.thread,
      table.seen.map((time) => -time),
      rows,
      table.threads.limit,
    ),
  prompts: (table, rows) => sums(table, rows, (row) => (table.event[row] === 0 ? 1 : 0)),
  tokens: (table, rows) => sums(table, rows, (row) => table.totalTokens[row] ?? 0),
  cost: (table, rows) => sums(table, rows, (row) => table.nanoDollars[row] ?? 0),
  errors: (table, rows) => sums(table, rows, (row) => table.isError[row] ?? 0),
};

function sums(
  { thread, threads }: RecordTable,
  rows: Uint32Array,
  amountOf: (row: number) => number,
): Float64Array {
  const result = new Float64Array(threads.limit);
  for (const row of rows) {
    const id = thread[row] ?? 0;
    result[id] = (result[id] ?? 0) + amountOf(row);
  }
  return result;
}

function summarise(
  table: RecordTable,
  { id, rows }: RowGroup,
  users: DistinctNumbers,
  models: DistinctNumbers,
): ThreadSummary {
  const totals = emptyTotals();
  let [first, last, firstPrompt, firstPromptAt] = [Infinity, -Infinity, -1, Infinity];
  for (const row of rows) {
    const at = table.seen[row] ?? 0;
    addRow(totals, table, row);
    if (at < first) first = at;
    if (at > last) last = at;
    if (table.event[row] !== 0 || at >= firstPromptAt) continue;
    firstPromptAt = at;
    firstPrompt = row;
  }
  return {
    threadId: table.threads.nameOf(id),
    ...toTotals(totals),
    users: users.in(rows).map(([user]) => table.users.nameOf(user)),
    models: models.in(rows, (row) => table.event[row] === 0).map(([model]) => table.models.nameOf(model)),
    firstPrompt: withEllipsis(table.promptStart(firstPrompt, PREVIEW_LENGTH), PREVIEW_LENGTH),
    firstSeen: new Date(first).toISOString(),
    lastSeen: new Date(last).toISOString(),
  };
}
