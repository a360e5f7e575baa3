import type { StoreEntry } from '../store/record-store.js';
import { previewOf } from './preview.js';
import { count, emptyTally, groupOf, type Tally } from './tally.js';

/** One conversation. */
export interface ThreadSummary extends Tally {
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
  readonly tally: Tally;
  readonly users: Set<string>;
  readonly models: Set<string>;
  firstPrompt: string;
  firstPromptAt: number;
  first: number;
  last: number;
}

const PREVIEW_LENGTH = 200;

/** All conversations, the latest active first. Records without a thread belong to none. */
export function listThreads(entries: Iterable<StoreEntry>): ThreadSummary[] {
  const groups = new Map<string, Group>();
  for (const entry of entries)
    if (entry.record.threadId !== undefined) addTo(groupOf(groups, entry.record.threadId, newGroup), entry);
  return [...groups]
    .sort(([, a], [, b]) => b.last - a.last)
    .map(([threadId, group]) => summarise(threadId, group));
}

function summarise(threadId: string, group: Group): ThreadSummary {
  return {
    threadId,
    ...group.tally,
    users: [...group.users],
    models: [...group.models],
    firstPrompt: group.firstPrompt,
    firstSeen: new Date(group.first).toISOString(),
    lastSeen: new Date(group.last).toISOString(),
  };
}

function addTo(group: Group, entry: StoreEntry): void {
  const { record, at } = entry;
  count(group.tally, entry);
  group.users.add(record.userId);
  group.first = Math.min(group.first, at);
  group.last = Math.max(group.last, at);
  if (record.kind !== 'prompt') return;
  if (record.assistantId) group.models.add(record.assistantId);
  if (at >= group.firstPromptAt) return;
  const preview = previewOf(record, PREVIEW_LENGTH);
  group.firstPromptAt = at;
  group.firstPrompt = preview.kind === 'prompt' ? preview.prompt : '';
}

function newGroup(): Group {
  return {
    tally: emptyTally(),
    users: new Set(),
    models: new Set(),
    firstPrompt: '',
    firstPromptAt: Infinity,
    first: Infinity,
    last: -Infinity,
  };
}
