import type { PeopleFlow } from './summary.js';

/** Numbers of different people with a request. */
export interface PeopleCounts {
  readonly current: number;
  readonly before: number;
  /** In one of both periods, or in both. */
  readonly either: number;
  /** Ever, up to the end of the current period. */
  readonly everUntilEnd: number;
  /** Ever, before the current period. */
  readonly everUntilStart: number;
}

/** Returns where people come from and go. It follows from numbers alone, so that no engine has to compare lists of people. */
export function flowOf(counts: PeopleCounts, isUncertain: boolean): PeopleFlow {
  const { current, before, either, everUntilEnd, everUntilStart } = counts;
  const returning = atLeastNone(current + before - either);
  const fresh = atLeastNone(everUntilEnd - everUntilStart);
  return {
    new: fresh,
    returning,
    resurrected: atLeastNone(current - returning - fresh),
    gone: atLeastNone(either - current),
    isUncertain,
  };
}

/** A server that takes in records between two counts must not show negative ones. */
function atLeastNone(count: number): number {
  return Math.max(0, count);
}
