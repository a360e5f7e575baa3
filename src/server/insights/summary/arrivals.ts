import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import { measuredPair } from './measured.js';
import { QUALITY_MEASURES, qualityOf } from './quality.js';
import { byName, requestedGroups } from './ranked-groups.js';
import type { Arrival } from './summary.js';

/** Arrivals of a dimension that are listed. */
const MAX_ARRIVALS = 5;

/** Returns true if a record says what the dimension is. */
export function isKnown(...answers: readonly MeasureAnswer[]): boolean {
  return answers.some(({ groups }) => groups.some(({ name }) => name !== null));
}

/**
 * Returns the values with requests in the current period and none before, most requests first, each beside the value that had most requests before.
 *
 * @param prompt name of the prompt whose versions these are
 */
export function arrivalsOf(
  current: MeasureAnswer,
  before: MeasureAnswer,
  prompt?: string,
): readonly Arrival[] {
  const earlier = byName({ ...before, groups: requestedGroups(QUALITY_MEASURES, before) });
  const predecessor = [...earlier.values()].find(({ name }) => name !== null);
  const fresh = requestedGroups(QUALITY_MEASURES, current).filter(({ name }) => !earlier.has(name));
  return fresh.slice(0, MAX_ARRIVALS).flatMap((group) =>
    group.name === null
      ? []
      : [
          {
            name: group.name,
            predecessor: predecessor?.name ?? null,
            ...(prompt !== undefined && { prompt }),
            ...qualityOf(measuredPair(QUALITY_MEASURES, group, predecessor)),
          },
        ],
  );
}
