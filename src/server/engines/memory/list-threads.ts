import type { RecordTable } from './record-table.js';
import { previewOf } from '../../model/preview.js';
import type { ThreadList, ThreadOrder, ThreadSummary } from '../../model/lists.js';
import type { Totals } from '../../model/statistics.js';
import { addRow, emptyTotals, groupOf } from './totals.js';

interface Group {
  readonly totals: Totals;
  readonly users: Set<number>;
  readonly models: Set<number>;
  /** Row of the earliest prompt; -1 without one. */
  firstRow: number;
  firstPromptAt: number;
  first: number;
  last: number;
}

/** Characters of a conversation's first prompt: one or two lines of the list. */
const PREVIEW_LENGTH = 200;

/** Sort keys of a conversation, the largest first. */
const KEYS: Readonly<Record<ThreadOrder, (group: Group) => number>> = {
  latest: (group) => group.last,
  earliest: (group) => -group.first,
  prompts: ({ totals }) => totals.prompts,
  tokens: ({ totals }) => totals.totalTokens,
  errors: ({ totals }) => totals.errors,
};

/** Returns the conversations that occur in `rows`, at most `limit`. */
export function listThreads(
  table: RecordTable,
  rows: Uint32Array,
  limit: number,
  order: ThreadOrder,
): ThreadList {
  const keyOf = KEYS[order];
  const groups: (Group | undefined)[] = [];
  for (const row of rows) {
    const thread = table.thread[row] ?? 0;
    if (thread !== 0) addTo(groupOf(groups, thread, newGroup), table, row);
  }
  const found = groups.flatMap((group, id) => (group ? [{ id, group }] : []));
  const threads = found
    .sort((a, b) => keyOf(b.group) - keyOf(a.group) || b.group.last - a.group.last)
    .slice(0, limit)
    .map(({ id, group }) => summarise(table, id, group));
  return { threads, total: found.length };
}

function addTo(group: Group, table: RecordTable, row: number): void {
  const [at, model] = [table.seen[row] ?? 0, table.model[row] ?? 0];
  addRow(group.totals, table, row);
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
    ...group.totals,
    users: Array.from(group.users, (user) => table.users.nameOf(user)),
    models: Array.from(group.models, (model) => table.models.nameOf(model)),
    firstPrompt: preview?.kind === 'prompt' ? preview.prompt : '',
    firstSeen: new Date(group.first).toISOString(),
    lastSeen: new Date(group.last).toISOString(),
  };
}

function newGroup(): Group {
  return {
    totals: emptyTotals(),
    users: new Set(),
    models: new Set(),
    firstRow: -1,
    firstPromptAt: Infinity,
    first: Infinity,
    last: -Infinity,
  };
}
