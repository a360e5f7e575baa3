import type { StoreEntry } from '../store/record-store.js';

/** What is counted of any group of records: all of them, a user's, a thread's, a model's. */
export interface Tally {
  prompts: number;
  events: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
}

export function emptyTally(): Tally {
  return { prompts: 0, events: 0, errors: 0, inputTokens: 0, outputTokens: 0 };
}

export function count(tally: Tally, entry: StoreEntry): void {
  if (entry.record.kind === 'prompt') tally.prompts++;
  else tally.events++;
  if (entry.isError) tally.errors++;
  tally.inputTokens += entry.inputTokens;
  tally.outputTokens += entry.outputTokens;
}

/** The value below which `share` (0 to 1) of the values are; `null` of none. */
export function percentile(sorted: ArrayLike<number>, share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

/** The group's state, made at its first use. */
export function groupOf<T>(groups: Map<string, T>, key: string, make: () => T): T {
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = make()));
  return group;
}
