import { dimensionOf, isPropertyDimension } from '../model/measure/dimensions.js';
import { BadQueryError, parseCount } from './parse-query.js';
import {
  ACTIVITY_STEPS,
  DEFAULT_COHORTS,
  DEFAULT_PERIODS,
  MAX_COHORTS,
  MAX_PERIODS,
  RETENTION_MODES,
  type ActivityRequest,
  type ActorKind,
  type RetentionRequest,
} from './people-request.js';

/** An {@link ActivityRequest} or {@link RetentionRequest} with the time zone of its days. */
type InTimeZone<Request> = Request & { readonly timeZone: string };

/**
 * Reads `by`, `step` (day) and `limit` (30).
 *
 * @param timeZone see `readRequestTimeZone()`
 * @throws BadQueryError
 */
export function parseActivityRequest(params: URLSearchParams, timeZone: string): InTimeZone<ActivityRequest> {
  return {
    by: parseActors(params),
    step: oneOf(params, 'step', ACTIVITY_STEPS, 'day'),
    limit: Math.max(1, parseCount(params, 'limit', DEFAULT_PERIODS, MAX_PERIODS)),
    timeZone,
  };
}

/** Does what {@link parseActivityRequest} does with `by`, `mode` (in) and `limit` (12). @throws BadQueryError */
export function parseRetentionRequest(
  params: URLSearchParams,
  timeZone: string,
): InTimeZone<RetentionRequest> {
  return {
    by: parseActors(params),
    mode: oneOf(params, 'mode', RETENTION_MODES, 'in'),
    limit: Math.max(1, parseCount(params, 'limit', DEFAULT_COHORTS, MAX_COHORTS)),
    timeZone,
  };
}

/** Reads `by`: `user`, `organization`, a known dimension that is a property, or `prop.<name>`. @throws BadQueryError */
export function parseActors(params: URLSearchParams, fallback: ActorKind = 'user'): ActorKind {
  const name = params.get('by');
  if (name === null || name === '') return fallback;
  const dimension = dimensionOf(name);
  if (dimension === 'user' || (dimension !== undefined && isPropertyDimension(dimension))) return dimension;
  throw new BadQueryError('by must be user, organization, or prop.<name> for a property');
}

/** @throws BadQueryError */
function oneOf<T extends string>(
  params: URLSearchParams,
  name: string,
  values: readonly T[],
  fallback: T,
): T {
  const text = params.get(name) || fallback;
  const value = values.find((known) => known === text);
  if (value === undefined) throw new BadQueryError(`${name} must be one of ${values.join(', ')}`);
  return value;
}
