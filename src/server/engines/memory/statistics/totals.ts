import type { RunningTotals } from '../../../model/running-totals.js';
import type { RecordTable } from '../table/record-table.js';

/** Returns true if a row is a prompt, or an error that left none. */
export function isRequestRow(table: RecordTable, row: number): boolean {
  return table.isRequest(row);
}

/** Adds one row to `totals`. */
export function addRow(totals: RunningTotals, table: RecordTable, row: number): void {
  if (table.event[row] === 0) totals.prompts++;
  else totals.events++;
  if (isRequestRow(table, row)) totals.requests++;
  totals.errors += table.isError[row] ?? 0;
  totals.inputTokens += table.inputTokens[row] ?? 0;
  totals.outputTokens += table.outputTokens[row] ?? 0;
  totals.totalTokens += table.totalTokens[row] ?? 0;
  totals.nanoDollars += table.nanoDollars[row] ?? 0;
  totals.pricedCalls += table.pricedCalls[row] ?? 0;
  totals.unpricedCalls += table.unpricedCalls[row] ?? 0;
}

export function addTotals(totals: RunningTotals, other: RunningTotals): void {
  totals.prompts += other.prompts;
  totals.events += other.events;
  totals.requests += other.requests;
  totals.errors += other.errors;
  totals.inputTokens += other.inputTokens;
  totals.outputTokens += other.outputTokens;
  totals.totalTokens += other.totalTokens;
  totals.nanoDollars += other.nanoDollars;
  totals.pricedCalls += other.pricedCalls;
  totals.unpricedCalls += other.unpricedCalls;
}

/** Returns the group with this number; makes it at its first use. */
export function groupOf<T>(groups: (T | undefined)[], id: number, make: () => T): T {
  return (groups[id] ??= make());
}
