import type { Arrival } from '../../../insights/summary/summary.js';
import { drillDown } from '../../browser/location.js';

/** Parameters of a comparison, which is the same in all views. */
const COMPARISON = ['against', 'parts', 'period'] as const;

/** Returns the address of Explore with some measures, by a dimension, over the same time and beside the same period as the summary. */
export function exploreLink(params: URLSearchParams, measures: string, by: string): string {
  const compared = Object.fromEntries(
    COMPARISON.flatMap((name) => (params.get(name) ? [[name, params.get(name) ?? '']] : [])),
  );
  return drillDown('/explore', params, {
    against: 'previous',
    ...compared,
    measure: measures,
    by: by === '' ? 'none' : by,
  });
}

/**
 * Returns the address of Explore with two values of a dimension beside each other: the new one in the current period, its predecessor in the one
 * before. `drillDown()` keeps the other filters.
 */
export function arrivalLink(
  params: URLSearchParams,
  filter: string,
  { name, predecessor, prompt }: Pick<Arrival, 'name' | 'predecessor' | 'prompt'>,
  before: { readonly from: number; readonly to: number } | undefined,
): string {
  const against = new URLSearchParams({
    [filter]: predecessor ?? '',
    ...(before && { since: String(before.from), until: String(before.to - 1) }),
  }).toString();
  const measure = 'errorRate,badShare,latencyP95,cost,requests';
  const ofPrompt: Record<string, string> = prompt === undefined ? {} : { 'prop.prompt_name': prompt };
  return drillDown('/explore', params, { [filter]: name, ...ofPrompt, against, measure, by: 'none' });
}
