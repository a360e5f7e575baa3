import type { StoredRecord } from '../stored-record.js';
import { isError } from '../stored-record.js';

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

export function count(tally: Tally, record: StoredRecord): void {
  if (record.kind === 'prompt') tally.prompts++;
  else tally.events++;
  if (isError(record)) tally.errors++;
  tally.inputTokens += numberProperty(record, 'input_tokens');
  tally.outputTokens += numberProperty(record, 'output_tokens');
}

function numberProperty(record: StoredRecord, name: string): number {
  const value = record.properties[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
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
