/** Prior of the log-odds, after Jeffreys. */
const PRIOR = 0.5;
/** Score of a change that chance alone makes in one of forty cases. */
const BEYOND_CHANCE = 2;

/**
 * Returns how surely a share has changed: the log-odds ratio of two periods with a small prior, divided by its standard error, after Monroe,
 * Colaresi and Quinn, “Fightin' Words” (2008). See {@link isBeyondChance}.
 */
export function changeScore(count: number, all: number, before: number, allBefore: number): number {
  const [a, b] = [count + PRIOR, all - count + PRIOR];
  const [c, d] = [before + PRIOR, allBefore - before + PRIOR];
  return Math.log((a * d) / (b * c)) / Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d);
}

/** Returns true if chance alone would rarely make a change of this score, in either direction. */
export function isBeyondChance(score: number): boolean {
  return Math.abs(score) >= BEYOND_CHANCE;
}
