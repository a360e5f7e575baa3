import { formatPercent } from '../../data/format.js';

/** From this score on, a change is hardly chance. */
const SURE = 2;

/** Returns the share before, and the direction of the change if chance does not explain it. */
export function shareChange(before: number, score: number): string {
  const earlier = `was ${formatPercent(before, 1)}`;
  if (Math.abs(score) < SURE) return earlier;
  return `${score > 0 ? 'more' : 'less'}, ${earlier}`;
}
