import type { RecordTable } from './record-table.js';
import { previewOf } from '../../model/preview.js';
import { count, emptyTally, groupOf, type Totals } from './totals.js';

/** One conversation. */
export interface ThreadSummary extends Totals {
  readonly threadId: string;
  readonly users: readonly string[];
  readonly models: readonly string[];
  /** What it began with, cut. */
  readonly firstPrompt: string;
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

interface Group {
  readonly tally: Totals;
  readonly users: Set<number>;
  readonly models: Set<number>;
  /** Row of the first prompt; -1 without one. */
  firstRow: number;
  firstPromptAt: number;
  first: number;
  last: number;
}

export interface ThreadList {
  readonly threads: readonly ThreadSummary[];
  readonly total: number;
}

const PREVIEW_LENGTH = 200;

/** The conversations of some rows, the latest active first, at most `limit`. Records without a thread belong to none. */
export function listThreads(table: RecordTable, rows: Uint32Array, limit: number): ThreadList {
  const groups: (Group | undefined)[] = [];
  for (const row of rows) {
    const thread = table.thread[row] ?? 0;
    if (thread !== 0) addTo(groupOf(groups, thread, newGroup), table, row);
  }
  const found = groups.flatMap((group, id) => (group ? [{ id, group }] : []));
  const threads = found
    .sort((a, b) => b.group.last - a.group.last)
    .slice(0, limit)
    .map(({ id, group }) => summarise(table, id, group));
  return { threads, total: found.length };
}

function addTo(group: Group, table: RecordTable, row: number): void {
  const [at, model] = [table.at[row] ?? 0, table.model[row] ?? 0];
  count(group.tally, table, row);
  group.users.add(table.user[row] ?? 0);
  group.first = Math.min(group.first, at);
  group.last = Math.max(group.last, at);
  if (table.event[row] !== 0) return;
  if (model !== 0) group.models.add(model);
  if (at >= group.firstPromptAt) return;
  group.firstPromptAt = at;
  group.firstRow = row;
}

function summarise(table: RecordTable, id: number, group: Group): ThreadSummary {
  const first = table.entry(group.firstRow)?.record;
  const preview = first && previewOf(first, PREVIEW_LENGTH);
  return {
    threadId: table.threads.nameOf(id),
    ...group.tally,
    users: Array.from(group.users, (user) => table.users.nameOf(user)),
    models: Array.from(group.models, (model) => table.models.nameOf(model)),
    firstPrompt: preview?.kind === 'prompt' ? preview.prompt : '',
    firstSeen: new Date(group.first).toISOString(),
    lastSeen: new Date(group.last).toISOString(),
  };
}

function newGroup(): Group {
  return {
    tally: emptyTally(),
    users: new Set(),
    models: new Set(),
    firstRow: -1,
    firstPromptAt: Infinity,
    first: Infinity,
    last: -Infinity,
  };
}
