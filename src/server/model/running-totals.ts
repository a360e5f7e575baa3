import { fromNanoDollars } from './cost.js';
import type { Totals } from './statistics.js';

/** Totals while they are added up: whole numbers alone, so that the order of records does not matter. */
export interface RunningTotals extends Omit<Totals, 'cost'> {
  nanoDollars: number;
}

export function emptyTotals(): RunningTotals {
  return {
    prompts: 0,
    events: 0,
    requests: 0,
    errors: 0,
    inputTokens: 0,
    outputTokens: 0,
    totalTokens: 0,
    nanoDollars: 0,
    pricedCalls: 0,
    unpricedCalls: 0,
  };
}

export function toTotals({ nanoDollars, ...sums }: RunningTotals): Totals {
  return { ...sums, cost: fromNanoDollars(nanoDollars) };
}
