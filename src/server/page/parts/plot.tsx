import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import { formatInterval } from '../data/format.js';
import { resolveColour, onThemeChange } from '../browser/theme.js';
import { timeZone, wallTime } from '../browser/time-zone.js';
import { PlotTable, type PlotNumbers } from './plot-table.js';

export interface PlotSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Name of a custom property of the style sheet, with its dashes. */
  readonly colour: string;
}

export interface PlotProps extends PlotNumbers {
  /** Text alternative for screen readers. */
  readonly summary: string;
  /** Usual length of an interval. */
  readonly stepMs: number;
  /** Bars of several series stand on top of each other, the first at the bottom. */
  readonly kind: 'bars' | 'lines';
  readonly series: readonly PlotSeries[];
  /** Distances that the marks of the value axis may have, ascending. Default: whole numbers. */
  readonly steps?: readonly number[];
}

const HEIGHT = 190;
/** Width of a digit in the font of the axes, in px, with some room. */
const DIGIT_WIDTH = 7.5;
/** 1, 2 and 5 of each power of ten up to 10^15: what is counted has no halves. */
const WHOLE_NUMBERS = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();
/** Shortest month. */
const MONTH_MS = 28 * 86_400_000;
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const months = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });

/** A time series, drawn by uPlot on a canvas. It is drawn again when its data, its width or the theme changes. */
export function Plot(props: PlotProps) {
  const holder = useRef<HTMLDivElement>(null);
  const data = JSON.stringify([props.at, props.end, props.series.map((series) => series.values)]);
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    let plot = draw(element, props);
    const redraw = (): void => {
      plot.destroy();
      plot = draw(element, props);
    };
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    const unsubscribe = onThemeChange(redraw);
    return () => {
      unsubscribe();
      resize.disconnect();
      plot.destroy();
    };
  }, [data]);
  return (
    <figure class="card plot">
      <figcaption>
        <h2>{props.title}</h2>
        <span class="plot-key">
          {props.series.map((series) => (
            <span key={series.label}>
              <i style={{ background: `var(${series.colour})` }} />
              {series.label}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={holder} role="img" aria-label={`${props.title}. ${props.summary}`} />
      <PlotTable {...props} />
    </figure>
  );
}

function draw(
  element: HTMLElement,
  { at, end, stepMs, kind, series, format, steps = WHOLE_NUMBERS }: PlotProps,
): UPlot {
  const axis = { stroke: resolveColour('--muted'), font: '12px system-ui', ticks: { show: false } };
  const grid = { stroke: resolveColour('--line'), width: 1 };
  const [first = 0, last = 0] = [at[0], at.at(-1)];
  const drawn = kind === 'bars' ? stacked(series) : series;
  const options: UPlot.Options = {
    width: Math.max(100, element.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), timeZone()),
    cursor: { y: false, points: { show: kind === 'lines' }, drag: { setScale: false } },
    // To the right, half of the last label of the time axis.
    padding: [8, 24, 0, 0],
    scales: {
      x: { time: true, range: [(first - stepMs / 2) / 1000, (last + stepMs / 2) / 1000] },
      y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.12 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 70,
        size: 30,
        values: (_plot, splits) => timeLabels(splits, stepMs),
      },
      {
        ...axis,
        grid,
        size: (_plot, labels) => valueAxisWidth(labels),
        space: 36,
        incrs: [...steps],
        values: (_plot, splits) => splits.map((value) => (value === 0 ? '0' : format(value))),
      },
    ],
    series: [{}, ...drawn.map((one) => seriesOptions(one, kind))],
    plugins: [tooltip([...at, end], series, format)],
  };
  const seconds = at.map((time) => time / 1000);
  return new UPlot(options, [seconds, ...drawn.map((one) => [...one.values])], element);
}

/** Returns the sums up to each series, the tallest first: each hides the lower part of the one before, so that its own part shows. */
function stacked(series: readonly PlotSeries[]): PlotSeries[] {
  const upTo = (last: number, index: number): number =>
    series.slice(0, last + 1).reduce((sum, { values }) => sum + (values[index] ?? 0), 0);
  return series
    .map((one, last) => ({ ...one, values: one.values.map((_value, index) => upTo(last, index)) }))
    .toReversed();
}

/** Formats the labels of the time axis: the month, the day at midnight, otherwise the time. */
function timeLabels(splits: readonly number[], stepMs: number): string[] {
  const labels = splits.map((seconds) => {
    const { date, time } = wallTime(seconds * 1000);
    if (stepMs >= MONTH_MS) return months.format(date);
    if (time === '00:00:00') return days.format(date);
    return time.slice(0, time.endsWith(':00') ? 5 : 8);
  });
  // Marks within one second would have the same label.
  return labels.map((label, index) => (label === labels[index - 1] ? '' : label));
}

/** Returns a width in px. Labels are null until they are known. */
function valueAxisWidth(labels: readonly string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return Math.max(60, 12 + DIGIT_WIDTH * longest);
}

function seriesOptions({ label, colour, values }: PlotSeries, kind: PlotProps['kind']): UPlot.Series {
  const stroke = resolveColour(colour);
  if (kind === 'lines')
    return { label, stroke, width: 2, points: { size: 6, fill: stroke, filter: pointsToShow(values) } };
  const bars = UPlot.paths.bars?.({ size: [0.72, 28], radius: 0.12 });
  return { label, fill: stroke, stroke, width: 0, points: { show: false }, ...(bars && { paths: bars }) };
}

/** Chooses the points that are shown where many would be close: values without a neighbour, which are no part of a line. */
function pointsToShow(values: PlotSeries['values']): UPlot.Series.Points.Filter {
  const alone = values.flatMap((value, index) =>
    value !== null && values[index - 1] == null && values[index + 1] == null ? [index] : [],
  );
  return (_plot, _series, showsAll) => (showsAll ? null : alone);
}

/** Shows the interval and the values under the pointer in a corner of the plot. `bounds` are the starts, and the last end. */
function tooltip(
  bounds: readonly number[],
  series: readonly PlotSeries[],
  format: (value: number) => string,
): UPlot.Plugin {
  const box = document.createElement('div');
  box.className = 'plot-tooltip';
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const index = plot.cursor.idx;
        box.hidden = typeof index !== 'number';
        if (typeof index !== 'number') return;
        const values = series.map(({ label, values: list }) => {
          const value = list[index];
          return `${label} ${typeof value === 'number' ? format(value) : '–'}`;
        });
        box.textContent = [formatInterval(bounds[index] ?? 0, bounds[index + 1] ?? 0), ...values].join(' · ');
      },
    },
  };
}
