import type { StoreEntry } from '../store/record-store.js';
import { count, emptyTally, groupOf, type Tally } from './tally.js';

/** What one person has done. */
export interface UserSummary extends Tally {
  readonly userId: string;
  readonly threads: number;
  /** Most used first. */
  readonly models: readonly string[];
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

interface Group {
  readonly tally: Tally;
  readonly threads: Set<string>;
  readonly models: Map<string, number>;
  first: number;
  last: number;
}

/** Everybody who occurs in the records, the latest active first. */
export function listUsers(entries: Iterable<StoreEntry>): UserSummary[] {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    const { record, at } = entry;
    const group = groupOf(groups, record.userId, newGroup);
    count(group.tally, entry);
    if (record.threadId !== undefined) group.threads.add(record.threadId);
    if (record.kind === 'prompt' && record.assistantId)
      group.models.set(record.assistantId, (group.models.get(record.assistantId) ?? 0) + 1);
    group.first = Math.min(group.first, at);
    group.last = Math.max(group.last, at);
  }
  return [...groups]
    .sort(([, a], [, b]) => b.last - a.last)
    .map(([userId, group]) => summarise(userId, group));
}

function summarise(userId: string, group: Group): UserSummary {
  return {
    userId,
    ...group.tally,
    threads: group.threads.size,
    models: [...group.models].sort(([, a], [, b]) => b - a).map(([model]) => model),
    firstSeen: new Date(group.first).toISOString(),
    lastSeen: new Date(group.last).toISOString(),
  };
}

function newGroup(): Group {
  return { tally: emptyTally(), threads: new Set(), models: new Map(), first: Infinity, last: -Infinity };
}
