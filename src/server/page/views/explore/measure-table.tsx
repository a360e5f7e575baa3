import type { ComponentChildren } from 'preact';
import type { MeasuredValues } from '../../../model/measure/measure-answer.js';
import type { Measure } from '../../../query/measure-request.js';
import type { ApiResponse } from '../../data/api.js';
import { formatCount, formatInteger } from '../../data/format.js';
import { Link } from '../../parts/link.js';
import { formatMeasure, measureTitle } from './measure-texts.js';
import { visibleText } from '../../data/visible-text.js';

interface MeasureTableProps {
  readonly answer: ApiResponse<'measure'>;
  readonly measures: readonly Measure[];
  /** Title of the first column. */
  readonly dimension: string;
  /** Returns the address of the records of a group; undefined for those without a value. */
  readonly hrefOf: (name: string | null) => string | undefined;
}

interface MeasureHeadProps extends Pick<MeasureTableProps, 'dimension' | 'measures'> {
  /** Further columns. */
  readonly children?: ComponentChildren;
}

/** Head of a table with a dimension and measures. */
export function MeasureHead({ dimension, measures, children }: MeasureHeadProps) {
  return (
    <thead>
      <tr>
        <th scope="col">{dimension}</th>
        {measures.map((measure) => (
          <th key={measureTitle(measure)} scope="col" class="number">
            {measureTitle(measure)}
          </th>
        ))}
        {children}
      </tr>
    </thead>
  );
}

/** Groups in rows, measures in columns; what is behind a rate stands beside it. */
export function MeasureTable({ answer, measures, dimension, hrefOf }: MeasureTableProps) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Measures">
      <table class="explore">
        <MeasureHead dimension={dimension} measures={measures} />
        <tbody>
          {answer.groups.filter(isWorthARow).map((group) => (
            <tr key={group.name ?? ''}>
              <th scope="row">
                <GroupName name={group.name} href={hrefOf(group.name)} />
              </th>
              <Cells row={group} measures={measures} />
            </tr>
          ))}
          {answer.other && (
            <tr>
              <th scope="row" class="muted">
                {formatCount(answer.other.groups, 'other')}
              </th>
              <Cells row={answer.other} measures={measures} />
            </tr>
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All</th>
            <Cells row={answer.total} measures={measures} />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** Returns false for the records without a name that only other records refer to, such as thumbs: they have no numbers of their own. */
export function isWorthARow({ name, values }: ApiResponse<'measure'>['groups'][number]): boolean {
  return name !== null || values.some((value) => value !== null && value !== 0);
}

export function GroupName({
  name,
  href,
}: {
  readonly name: string | null;
  readonly href: string | undefined;
}) {
  if (name === null) return <span class="muted">without</span>;
  return href === undefined ? <>{visibleText(name)}</> : <Link href={href}>{name}</Link>;
}

function Cells({ row, measures }: { readonly row: MeasuredValues; readonly measures: readonly Measure[] }) {
  return (
    <>
      {measures.map((measure, place) => (
        <td key={measureTitle(measure)} class="number">
          {formatMeasure(measure, row.values[place] ?? null)}
          <Behind n={row.values[place] == null ? null : (row.n[place] ?? null)} />
        </td>
      ))}
    </>
  );
}

/** Sample size behind a value: 3 % of how many. */
export function Behind({ n }: { readonly n: number | null }) {
  return n === null ? null : <small class="muted"> of {formatInteger(n)}</small>;
}
