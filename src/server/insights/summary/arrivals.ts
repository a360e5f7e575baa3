import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import type { MeasureName } from '../../query/measure-request.js';
import { requestedGroups } from './ranked-groups.js';

/** By what arrivals are found. */
export const ARRIVAL_MEASURES = ['requests'] as const satisfies readonly MeasureName[];

/** Arrivals of a dimension that are listed. */
const MAX_ARRIVALS = 3;

/** Names of the values that are new, and of the one that they are compared with. */
export interface Arrivals {
  readonly names: readonly string[];
  /** Null if there was none. */
  readonly predecessor: string | null;
}

/** Returns true if a record says what the dimension is. */
export function isKnown(...answers: readonly MeasureAnswer[]): boolean {
  return answers.some(({ groups }) => groups.some(({ name }) => name !== null));
}

/** Finds the values with requests in the current period and none before, most requests first, and the value that had most requests before. */
export function findArrivals(current: MeasureAnswer, before: MeasureAnswer): Arrivals {
  const earlier = namesIn(before);
  const names = namesIn(current).filter((name) => !earlier.includes(name));
  return { names: names.slice(0, MAX_ARRIVALS), predecessor: earlier[0] ?? null };
}

function namesIn(answer: MeasureAnswer): readonly string[] {
  return requestedGroups(ARRIVAL_MEASURES, answer).flatMap(({ name }) => name ?? []);
}
