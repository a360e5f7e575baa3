import type { Change } from '../../../insights/compare/change.js';
import type { Contribution } from '../../../insights/compare/contributions.js';
import { kindOf } from '../../../insights/compare/measure-kinds.js';
import { relativeText } from '../../../insights/report/change-text.js';
import type { Measure } from '../../../query/measure-request.js';
import { JudgedChange } from '../../comparison/change-of.js';
import type { ApiResponse } from '../../data/api.js';
import { formatCount, formatInterval, formatPercent } from '../../data/format.js';
import { Behind, GroupName, MeasureHead } from './measure-table.js';
import { formatDifference, formatMeasure, measureTitle, signOf } from './measure-texts.js';

interface CompareTableProps {
  readonly answer: ApiResponse<'compare'>;
  readonly measures: readonly Measure[];
  readonly dimension: string;
  readonly hrefOf: (name: string | null) => string | undefined;
}

/** Table of the total change, and of the groups that moved the first measure most. */
export function CompareTable({ answer, measures, dimension, hrefOf }: CompareTableProps) {
  const [first] = measures;
  const hasParts = answer.groups.some(({ contributions: [part] }) => part);
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Comparison">
      <Periods periods={answer.periods} />
      <table class="explore">
        <MeasureHead dimension={dimension} measures={measures}>
          {hasParts && first !== undefined && (
            <th scope="col" class="number">
              Moved {measureTitle(first).toLowerCase()} by
            </th>
          )}
        </MeasureHead>
        <tbody>
          {answer.groups.map(({ name, changes, contributions: [part] }) => (
            <tr key={name ?? ''}>
              <th scope="row">
                <GroupName name={name} href={hrefOf(name)} />
              </th>
              <Changes changes={changes} measures={measures} />
              {hasParts && <Part part={part} measure={first} />}
            </tr>
          ))}
          {answer.other && hasParts && (
            <tr>
              <th scope="row" class="muted">
                {formatCount(answer.other.groups, 'other')}
              </th>
              <td colSpan={measures.length} />
              <Part part={answer.other.contributions[0]} measure={first} />
            </tr>
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All</th>
            <Changes changes={answer.changes} measures={measures} />
            {hasParts && (
              <td class="number">
                {answer.changes[0]?.difference != null &&
                  first !== undefined &&
                  totalText(first, answer.changes[0].difference)}
              </td>
            )}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** Contributions of shares are in percentage points. */
function totalText(measure: Measure, difference: number): string {
  return formatDifference(measure, kindOf(measure) === 'share' ? 100 * difference : difference);
}

function Periods({ periods }: { readonly periods: ApiResponse<'compare'>['periods'] }) {
  if (!periods) return null;
  const { current, before, isRunning } = periods;
  return (
    <p class="table-note muted">
      {formatInterval(current.from, current.to)}, compared with {formatInterval(before.from, before.to)}
      {isRunning && ': as much of it as has passed'}.
    </p>
  );
}

function Changes({
  changes,
  measures,
}: {
  readonly changes: readonly Change[];
  readonly measures: readonly Measure[];
}) {
  return (
    <>
      {changes.map((change, place) => {
        const measure = measures[place] ?? 'records';
        return (
          <td key={measureTitle(measure)} class="number">
            {formatMeasure(measure, change.value)}
            <Behind n={change.value === null ? null : change.n} />{' '}
            <JudgedChange change={change} text={changeText(change)} />
            <small class="muted">
              {' '}
              before {formatMeasure(measure, change.before)}
              <Behind n={change.before === null ? null : change.nBefore} />
            </small>
          </td>
        );
      })}
    </>
  );
}

/** `+12 %`, `−1.5 points`, `new`, `same`; nothing where something was not measured. */
function changeText({ change, unit, isNew }: Change): string {
  if (isNew) return 'new';
  if (change === null) return '';
  return change === 0 ? 'same' : relativeText(change, unit);
}

/** Contribution of a group to the change of the total; for a rate, also the part that its size explains. */
function Part({
  part,
  measure,
}: {
  readonly part: Contribution | null | undefined;
  readonly measure: Measure | undefined;
}) {
  if (!part || measure === undefined) return <td />;
  return (
    <td class="number">
      {formatDifference(measure, part.difference)}
      {part.share !== null && (
        <small class="muted">
          {' '}
          {signOf(part.share)}
          {formatPercent(Math.abs(part.share), 1)}
        </small>
      )}
      {part.mix !== undefined && (
        <small class="muted">
          {' '}
          by size {formatDifference(measure, part.mix)}, by itself {formatDifference(measure, part.rate ?? 0)}
        </small>
      )}
    </td>
  );
}
