/** Prior of the log-odds, after Jeffreys. */
const PRIOR = 0.5;

/**
 * Returns how surely a share has changed: the log-odds ratio of two periods with a small prior, divided by its standard error, after Monroe,
 * Colaresi and Quinn, “Fightin' Words” (2008). Above 2 or below −2, chance alone would rarely do it.
 */
export function changeScore(count: number, all: number, before: number, allBefore: number): number {
  const [a, b] = [count + PRIOR, all - count + PRIOR];
  const [c, d] = [before + PRIOR, allBefore - before + PRIOR];
  return Math.log((a * d) / (b * c)) / Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d);
}
