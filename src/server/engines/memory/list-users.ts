import type { RecordTable } from './record-table.js';
import type { UserList, UserSummary } from '../../model/lists.js';
import type { Totals } from '../../model/statistics.js';
import { addRow, emptyTotals, groupOf } from './totals.js';

interface Group {
  readonly totals: Totals;
  readonly threads: Set<number>;
  /** Prompts by model. */
  readonly models: Map<number, number>;
  first: number;
  last: number;
}

/** Returns the users that occur in `rows`, latest active first, at most `limit`. */
export function listUsers(table: RecordTable, rows: Uint32Array, limit: number): UserList {
  const groups: (Group | undefined)[] = [];
  for (const row of rows) {
    const group = groupOf(groups, table.user[row] ?? 0, newGroup);
    const [thread, model, at] = [table.thread[row] ?? 0, table.model[row] ?? 0, table.seen[row] ?? 0];
    addRow(group.totals, table, row);
    if (thread !== 0) group.threads.add(thread);
    if (table.event[row] === 0 && model !== 0) group.models.set(model, (group.models.get(model) ?? 0) + 1);
    group.first = Math.min(group.first, at);
    group.last = Math.max(group.last, at);
  }
  const found = groups.flatMap((group, id) => (group ? [{ id, group }] : []));
  const users = found
    .sort((a, b) => b.group.last - a.group.last)
    .slice(0, limit)
    .map(({ id, group }) => summarise(table, id, group));
  return { users, total: found.length };
}

function summarise(table: RecordTable, id: number, group: Group): UserSummary {
  return {
    userId: table.users.nameOf(id),
    ...group.totals,
    threads: group.threads.size,
    models: [...group.models].sort(([, a], [, b]) => b - a).map(([model]) => table.models.nameOf(model)),
    firstSeen: new Date(group.first).toISOString(),
    lastSeen: new Date(group.last).toISOString(),
  };
}

function newGroup(): Group {
  return { totals: emptyTotals(), threads: new Set(), models: new Map(), first: Infinity, last: -Infinity };
}
