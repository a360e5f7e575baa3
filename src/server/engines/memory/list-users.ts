import type { RecordTable } from './table/record-table.js';
import type { UserList, UserSummary } from '../../model/lists.js';
import { DistinctNumbers, groupRows, latestOf, type RowGroup } from './group-rows.js';
import { addRow, emptyTotals, toTotals } from './totals.js';

/** Returns the users that occur in `rows`, latest active first, at most `limit`. */
export function listUsers(table: RecordTable, rows: Uint32Array, limit: number): UserList {
  const latest = latestOf(table.user, table.seen, rows, table.users.limit);
  const { total, groups } = groupRows(table.user, table.users, rows, limit, [latest, latest]);
  const threads = new DistinctNumbers(table.thread, table.threads);
  const models = new DistinctNumbers(table.model, table.models);
  return { users: groups.map((group) => summarise(table, group, threads, models)), total };
}

function summarise(
  table: RecordTable,
  { id, rows }: RowGroup,
  threads: DistinctNumbers,
  models: DistinctNumbers,
): UserSummary {
  const totals = emptyTotals();
  let [first, last] = [Infinity, -Infinity];
  for (const row of rows) {
    const at = table.seen[row] ?? 0;
    addRow(totals, table, row);
    if (at < first) first = at;
    if (at > last) last = at;
  }
  const used = models.in(rows, (row) => table.event[row] === 0).sort(([, a], [, b]) => b - a);
  return {
    userId: table.users.nameOf(id),
    ...toTotals(totals),
    threads: threads.in(rows).length,
    models: used.map(([model]) => table.models.nameOf(model)),
    firstSeen: new Date(first).toISOString(),
    lastSeen: new Date(last).toISOString(),
  };
}
