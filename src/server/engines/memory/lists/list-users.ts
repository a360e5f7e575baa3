import type { RecordTable } from '../table/record-table.js';
import { ANONYMOUS } from '../../../../records/model/prompt-record.js';
import { NAME_PROPERTY, type UserList, type UserSummary } from '../../../model/lists.js';
import type { PropertyColumn } from '../table/property-column.js';
import { DistinctNumbers, groupRows, latestOf, type RowGroup } from './group-rows.js';
import { emptyTotals, toTotals } from '../../../model/running-totals.js';
import { addRow } from '../statistics/totals.js';

/** Returns the users that occur in `rows`, latest active first, at most `limit`. */
export function listUsers(table: RecordTable, rows: Uint32Array, limit: number): UserList {
  const latest = latestOf(table.user, table.seen, rows, table.users.limit);
  const { total, groups } = groupRows(table.user, table.users, rows, limit, [latest, latest]);
  const threads = new DistinctNumbers(table.thread, table.threads);
  const models = new DistinctNumbers(table.model, table.models);
  const names = table.property(NAME_PROPERTY);
  return { users: groups.map((group) => summarise(table, group, { threads, models, names })), total };
}

interface UserColumns {
  readonly threads: DistinctNumbers;
  readonly models: DistinctNumbers;
  readonly names: PropertyColumn;
}

function summarise(
  table: RecordTable,
  { id, rows }: RowGroup,
  { threads, models, names }: UserColumns,
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
  const userId = table.users.nameOf(id);
  const name = userId === ANONYMOUS ? undefined : latestName(table, rows, names);
  return {
    userId,
    ...(name !== undefined && { name }),
    ...toTotals(totals),
    threads: threads.in(rows).length,
    models: used.map(([model]) => table.models.nameOf(model)),
    firstSeen: new Date(first).toISOString(),
    lastSeen: new Date(last).toISOString(),
  };
}

/** Takes the later arrival among records that were seen at the same time. */
function latestName(
  { seen }: RecordTable,
  rows: Uint32Array,
  { ids, texts }: PropertyColumn,
): string | undefined {
  if (texts.length === 1) return undefined;
  let [latest, name] = [-Infinity, 0];
  for (const row of rows) {
    const id = ids[row] ?? 0;
    if (id === 0 || (seen[row] ?? 0) < latest) continue;
    latest = seen[row] ?? 0;
    name = id;
  }
  return name === 0 ? undefined : texts[name];
}
