import type { RecordTable } from './record-table.js';
import { count, emptyTally, groupOf, type Totals } from './totals.js';

/** What one person has done. */
export interface UserSummary extends Totals {
  readonly userId: string;
  readonly threads: number;
  /** Most used first. */
  readonly models: readonly string[];
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

interface Group {
  readonly tally: Totals;
  readonly threads: Set<number>;
  readonly models: Map<number, number>;
  first: number;
  last: number;
}

export interface UserList {
  readonly users: readonly UserSummary[];
  readonly total: number;
}

/** Everybody who occurs in some rows, the latest active first, at most `limit`. */
export function listUsers(table: RecordTable, rows: Uint32Array, limit: number): UserList {
  const groups: (Group | undefined)[] = [];
  for (const row of rows) {
    const group = groupOf(groups, table.user[row] ?? 0, newGroup);
    const [thread, model, at] = [table.thread[row] ?? 0, table.model[row] ?? 0, table.at[row] ?? 0];
    count(group.tally, table, row);
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
    ...group.tally,
    threads: group.threads.size,
    models: [...group.models].sort(([, a], [, b]) => b - a).map(([model]) => table.models.nameOf(model)),
    firstSeen: new Date(group.first).toISOString(),
    lastSeen: new Date(group.last).toISOString(),
  };
}

function newGroup(): Group {
  return { tally: emptyTally(), threads: new Set(), models: new Map(), first: Infinity, last: -Infinity };
}
