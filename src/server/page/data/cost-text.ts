import type { CostCounts } from '../../model/cost.js';
import { formatCost, formatCount, formatPercent } from '../../model/measure/format-numbers.js';

export { formatCost } from '../../model/measure/format-numbers.js';

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
