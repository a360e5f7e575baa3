import type { ThreadOrder, ThreadSummary } from '../../../model/lists.js';
import { formatCosts } from '../../data/cost-text.js';
import { formatCount } from '../../data/format.js';

type Counts = Pick<
  ThreadSummary,
  'prompts' | 'events' | 'errors' | 'totalTokens' | 'cost' | 'pricedCalls' | 'unpricedCalls'
>;

/** Returns the number that the list is ordered by, else the number of prompts; without any, of what else is there. */
export function threadFact(thread: Counts, order: ThreadOrder): string {
  const { prompts, errors, events, totalTokens } = thread;
  if (order === 'cost') return formatCosts(thread);
  if (order === 'tokens') return formatCount(totalTokens, 'token');
  if (order === 'errors') return formatCount(errors, 'error');
  if (order === 'prompts' || prompts > 0) return formatCount(prompts, 'prompt');
  return errors > 0 ? formatCount(errors, 'error') : formatCount(events, 'event');
}
