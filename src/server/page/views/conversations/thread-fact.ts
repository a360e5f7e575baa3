import type { ThreadOrder, ThreadSummary } from '../../../model/lists.js';
import { formatCost, formatCosts } from '../../data/cost-text.js';
import { formatCount } from '../../data/format.js';

type Counts = Pick<
  ThreadSummary,
  'prompts' | 'events' | 'errors' | 'totalTokens' | 'cost' | 'pricedCalls' | 'unpricedCalls'
>;

/** Returns the cost as a further fact, if a call has a price. Unpriced calls are told by the conversation itself. */
function costFact({ cost, pricedCalls }: Counts): string {
  return pricedCalls > 0 ? ` · ${formatCost(cost)}` : '';
}

/** Returns the number that the list is ordered by, else the number of prompts; without any, of what else is there. Prompts have their cost beside them. */
export function threadFact(thread: Counts, order: ThreadOrder): string {
  const { prompts, errors, events, totalTokens } = thread;
  if (order === 'cost') return formatCosts(thread);
  if (order === 'tokens') return formatCount(totalTokens, 'token');
  if (order === 'errors') return formatCount(errors, 'error');
  if (order === 'prompts' || prompts > 0) return formatCount(prompts, 'prompt') + costFact(thread);
  return errors > 0 ? formatCount(errors, 'error') : formatCount(events, 'event');
}
