import { isBeyondChance } from '../../../insights/compare/change-score.js';
import { formatPercent } from '../../data/format.js';

/** Returns the share before, and the direction of the change if chance does not explain it. */
export function shareChange(before: number, score: number): string {
  const earlier = `was ${formatPercent(before, 1)}`;
  if (!isBeyondChance(score)) return earlier;
  return `${score > 0 ? 'more' : 'less'}, ${earlier}`;
}
