import type { Totals } from '../../model/statistics.js';
import type { RecordTable } from './record-table.js';

export function emptyTotals(): Totals {
  return { prompts: 0, events: 0, errors: 0, inputTokens: 0, outputTokens: 0 };
}

/** Adds one row to `totals`. */
export function addRow(totals: Totals, table: RecordTable, row: number): void {
  if (table.event[row] === 0) totals.prompts++;
  else totals.events++;
  totals.errors += table.isError[row] ?? 0;
  totals.inputTokens += table.inputTokens[row] ?? 0;
  totals.outputTokens += table.outputTokens[row] ?? 0;
}

export function addTotals(totals: Totals, other: Totals): void {
  totals.prompts += other.prompts;
  totals.events += other.events;
  totals.errors += other.errors;
  totals.inputTokens += other.inputTokens;
  totals.outputTokens += other.outputTokens;
}

/** Returns the group with this number; makes it at its first use. */
export function groupOf<T>(groups: (T | undefined)[], id: number, make: () => T): T {
  return (groups[id] ??= make());
}
