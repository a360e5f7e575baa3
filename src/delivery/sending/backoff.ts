const FIRST_WINDOW_MS = 1_000;
const LONGEST_WINDOW_MS = 30_000;
/** Full jitter may draw zero; a server that has just failed gets at least a breath. */
const SHORTEST_DELAY_MS = 100;

/** Full jitter: a random part of a window that doubles from 1 s to 30 s. `failures` counts from 1. */
export function backoffMs(failures: number, random: () => number): number {
  const windowMs = Math.min(FIRST_WINDOW_MS * 2 ** (failures - 1), LONGEST_WINDOW_MS);
  return Math.max(random() * windowMs, SHORTEST_DELAY_MS);
}
