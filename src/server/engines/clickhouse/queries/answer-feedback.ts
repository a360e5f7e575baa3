import type { EvaluationBound } from '../../../query/record-query.js';
import type { ParameterValue } from '../client/parameters.js';
import { SEEN_MS } from './totals.js';

/**
 * Returns the latest rating of each person on each record as a table of `target` and `latest`: by time, then by arrival; see `ratingOf()`. Ratings
 * of all records count, whatever the query asks for.
 */
export function latestRatings(project: string): string {
  const isRating = `project = ${project} AND rating != '' AND target != ''`;
  return `(SELECT target, user, argMax(rating, (${SEEN_MS}, seq)) AS latest FROM records FINAL
  WHERE ${isRating} AND ${keysOf(isRating)} GROUP BY target, user)`;
}

/** Returns the ids of what has an evaluation below one of `bounds`: of each name and person, the latest one with a score. */
export function answersBelow(
  bounds: readonly EvaluationBound[],
  project: string,
  add: (type: string, value: ParameterValue) => string,
): string {
  const conditions = bounds.map(({ below, name }) => {
    const isBelow = `latest < ${add('Float64', below)}`;
    return name === undefined ? isBelow : `(${isBelow} AND evaluation = ${add('String', name)})`;
  });
  const isScore = `project = ${project} AND evaluation != '' AND score IS NOT NULL AND target != ''`;
  return `SELECT target FROM (SELECT target, evaluation, user, argMax(score, (${SEEN_MS}, seq)) AS latest FROM records FINAL
  WHERE ${isScore} AND ${keysOf(isScore)} GROUP BY target, evaluation, user)
WHERE ${['0', ...conditions].join(' OR ')}`;
}

/**
 * Returns the condition that a key has a version for which `condition` is true. Feedback is a small part of the records: only with it, FINAL merges that part
 * and not all rows.
 */
function keysOf(condition: string): string {
  return `(day, id) IN (SELECT day, id FROM records WHERE ${condition})`;
}
