import type { CostCounts } from '../../model/cost.js';
import { formatCount, formatPercent } from './format.js';

const dollars = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
/** Digits behind the point of the smallest cost that is told apart from 0. */
const MAX_DIGITS = 9;

/** Formats US dollars as `$1,234.50`, `$0.45`, `$0.0012` or `$0.000012`: below a cent, with two digits that are not zero. */
export function formatCost(cost: number): string {
  if (cost === 0) return '$0';
  if (cost >= 0.0995) return `$${dollars.format(cost)}`;
  const digits = Math.min(MAX_DIGITS, 1 - Math.floor(Math.log10(cost)));
  // 0.0120 is 0.012.
  return `$${cost.toFixed(Math.max(2, digits)).replace(/(\.\d\d\d*?)0+$/, '$1')}`;
}

/** Formats a cost with the calls that are not in it: `$1.20 + 3 unpriced calls`, or the latter alone. A dash without calls. */
export function formatCosts({ cost, pricedCalls, unpricedCalls }: CostCounts): string {
  const unpriced = formatCount(unpricedCalls, 'unpriced call');
  if (pricedCalls === 0) return unpricedCalls === 0 ? '–' : unpriced;
  return unpricedCalls === 0 ? formatCost(cost) : `${formatCost(cost)} + ${unpriced}`;
}

/** Formats the mean of the priced calls, with their share if it is not all. Undefined if no call has a price. */
export function formatMeanCost({ cost, pricedCalls, unpricedCalls }: CostCounts): string | undefined {
  if (pricedCalls === 0) return undefined;
  const mean = `${formatCost(cost / pricedCalls)} a call`;
  if (unpricedCalls === 0) return mean;
  return `${mean} of the ${formatPercent(pricedCalls, pricedCalls + unpricedCalls)} with a price`;
}
