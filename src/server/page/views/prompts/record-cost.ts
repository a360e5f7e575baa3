import { costOf, toCost } from '../../../model/cost.js';
import { turnOf, type StoredRecord } from '../../../model/stored-record.js';
import { formatCost, formatCosts } from '../../data/cost-text.js';

const ORIGINS: Readonly<Record<string, string>> = {
  sent: 'as it was sent',
  cache: 'answered from a cache',
  own: 'by own prices',
  table: 'by the table',
};

/**
 * Returns what a record cost, and where that comes from; undefined for events that are no calls. A call within a turn has a cost of its own,
 * which counts with the turn.
 */
export function recordCost(
  record: StoredRecord,
): { readonly text: string; readonly origin: string } | undefined {
  const { cost, cost_source: source, cost_table: table } = record.properties;
  const origin = typeof source === 'string' ? (ORIGINS[source] ?? '') : '';
  const ofCall = turnOf(record) !== undefined && origin !== '' ? toCost(cost) : undefined;
  const text = ofCall === undefined ? formatCosts(costOf(record)) : formatCost(ofCall);
  if (text === '–') return undefined;
  return { text, origin: typeof table === 'string' ? `${origin} of ${table}` : origin };
}
