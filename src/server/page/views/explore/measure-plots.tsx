import type { MeasuredValues } from '../../../model/measure/measure-answer.js';
import type { Measure } from '../../../query/measure-request.js';
import { timeZone } from '../../browser/time-zone.js';
import type { ApiResponse } from '../../data/api.js';
import { visibleText } from '../../data/visible-text.js';
import { Plot, type PlotSeries } from '../../parts/plot.js';
import { isWorthARow } from './measure-table.js';
import { formatMeasure, measureTitle } from './measure-texts.js';

/** Lines that can be told apart: the largest groups. */
const COLOURS = ['--plot-1', '--plot-2', '--plot-3', '--plot-4', '--plot-5'];
/** Distances of marks: 1, 2 and 5 of each power of ten, from a ten-millionth on. */
const MARKS = Array.from({ length: 22 }, (_, power) =>
  [1, 2, 5].map((n) => Number(`${n}e${power - 7}`)),
).flat();

interface PlotsProps {
  readonly answer: ApiResponse<'measure'>;
  readonly measures: readonly Measure[];
}

/** A plot of each measure: of the largest groups, or in all. */
export function MeasurePlots({ answer, measures }: PlotsProps) {
  const { steps, total } = answer;
  const groups = answer.groups.filter(isWorthARow);
  if (!steps || steps.at.length === 0)
    return <p class="message muted">Nothing has happened at a time that can be shown.</p>;
  const { at, end } = steps;
  const rows: readonly (readonly [string, MeasuredValues])[] =
    groups.length === 0
      ? [['All', total]]
      : groups
          .slice(0, COLOURS.length)
          .map((group) => [group.name === null ? 'without' : visibleText(group.name), group]);
  const stepMs = at.length > 1 ? ((at.at(-1) ?? 0) - (at[0] ?? 0)) / (at.length - 1) : end - (at[0] ?? 0);
  return (
    <div class="overview">
      <div class="plots">
        {measures.map((measure, place) => (
          <Plot
            key={measureTitle(measure)}
            title={measureTitle(measure)}
            kind={rows.length === 1 ? 'bars' : 'lines'}
            summary={`In all ${formatMeasure(measure, total.values[place] ?? null)}`}
            at={at}
            end={end}
            stepMs={stepMs}
            format={(value) => formatMeasure(measure, value)}
            steps={MARKS}
            series={rows.map(([label, row], index): PlotSeries => ({
              label,
              values: row.series?.[place] ?? [],
              colour: COLOURS[index] ?? '--plot-1',
            }))}
          />
        ))}
      </div>
      <p class="muted">Days and times in {timeZone()}.</p>
      {groups.length > COLOURS.length && (
        <p class="muted">
          The {COLOURS.length} largest of {answer.groupCount} are drawn; the table has more.
        </p>
      )}
    </div>
  );
}
