import type { ComparedPeriods } from '../../insights/compare/compared-periods.js';
import { formatInterval } from '../data/format.js';
import { comparedName } from './compare-select.js';
import { timeZone } from '../browser/time-zone.js';

interface ComparedNoteProps {
  /** Null if filters are compared. */
  readonly periods: ComparedPeriods | null;
  readonly against: string;
}

/** Says what is compared with what. */
export function ComparedNote({ periods, against }: ComparedNoteProps) {
  if (!periods)
    return (
      <p class="periods muted">
        What is filtered here, compared with {comparedName(against)} over the same time.
      </p>
    );
  const { current, before, isRunning } = periods;
  return (
    <p class="periods muted">
      {formatInterval(current.from, current.to)}
      {isRunning && ', until now'}, compared with {formatInterval(before.from, before.to)}. All times in{' '}
      {timeZone()}.
    </p>
  );
}
