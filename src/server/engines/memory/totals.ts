import type { RecordTable } from './record-table.js';

/** What is counted of any group of records: all of them, a user's, a thread's, a model's. */
export interface Totals {
  prompts: number;
  events: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
}

export function emptyTally(): Totals {
  return { prompts: 0, events: 0, errors: 0, inputTokens: 0, outputTokens: 0 };
}

export function count(tally: Totals, table: RecordTable, row: number): void {
  if (table.event[row] === 0) tally.prompts++;
  else tally.events++;
  tally.errors += table.isError[row] ?? 0;
  tally.inputTokens += table.inputTokens[row] ?? 0;
  tally.outputTokens += table.outputTokens[row] ?? 0;
}

export function addTally(tally: Totals, other: Totals): void {
  tally.prompts += other.prompts;
  tally.events += other.events;
  tally.errors += other.errors;
  tally.inputTokens += other.inputTokens;
  tally.outputTokens += other.outputTokens;
}

/** The group's state, made at its first use. */
export function groupOf<T>(groups: (T | undefined)[], id: number, make: () => T): T {
  return (groups[id] ??= make());
}
