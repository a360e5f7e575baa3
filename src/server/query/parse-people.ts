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

/** Reads `by`, `step` (day), `limit` (30) and `timezone` (UTC). @throws BadQueryError */
export function parseActivityRequest(params: URLSearchParams): ActivityRequest {
  return {
    by: parseActors(params),
    step: oneOf(params, 'step', ACTIVITY_STEPS, 'day'),
    limit: Math.max(1, parseCount(params, 'limit', DEFAULT_PERIODS, MAX_PERIODS)),
    timeZone: params.get('timezone') || 'UTC',
  };
}

/** Reads `by`, `mode` (in), `limit` (12) and `timezone` (UTC). @throws BadQueryError */
export function parseRetentionRequest(params: URLSearchParams): RetentionRequest {
  return {
    by: parseActors(params),
    mode: oneOf(params, 'mode', RETENTION_MODES, 'in'),
    limit: Math.max(1, parseCount(params, 'limit', DEFAULT_COHORTS, MAX_COHORTS)),
    timeZone: params.get('timezone') || 'UTC',
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
