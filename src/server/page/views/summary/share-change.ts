import { formatPercent } from '../../data/format.js';

/** From this score on, a change is hardly chance. */
const SURE = 2;

/** Returns how a share changed, and the one before: two that differ are not the same, even if chance explains the difference. */
export function shareChange(share: number, before: number, score: number): string {
  const earlier = formatPercent(before, 1);
  if (earlier === formatPercent(share, 1)) return `same (${earlier})`;
  if (Math.abs(score) < SURE) return `no clear change (${earlier})`;
  return `${score > 0 ? 'more' : 'less'} (${earlier})`;
}
