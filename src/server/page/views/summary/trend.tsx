import type { MeasureSteps } from '../../../model/measure/measure-answer.js';
import { formatInterval } from '../../data/format.js';

interface TrendProps {
  readonly title: string;
  readonly steps: MeasureSteps;
  readonly values: readonly (number | null)[];
  readonly format: (value: number) => string;
}

const WIDTH = 300;
const HEIGHT = 44;
const GAP = 2;

/** A small plot: one bar for each step. Nothing for a single step, or if nothing was measured. */
export function Trend({ title, steps, values, format }: TrendProps) {
  const most = Math.max(...values.map((value) => value ?? 0));
  if (values.length < 2 || !(most > 0)) return null;
  const width = WIDTH / values.length;
  const caption = `${title} by ${steps.step}, at most ${format(most)}`;
  return (
    <>
      <svg
        class="trend"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={caption}
      >
        {values.map((value, index) => {
          const height = Math.max(1, ((value ?? 0) / most) * (HEIGHT - 2));
          const [start, end] = [steps.at[index] ?? 0, steps.at[index + 1] ?? steps.end];
          return (
            <rect
              key={start}
              x={index * width}
              y={HEIGHT - height}
              width={Math.max(1, width - GAP)}
              height={height}
              data-empty={value === null || value === 0}
            >
              <title>
                {formatInterval(start, end)}: {value === null ? '–' : format(value)}
              </title>
            </rect>
          );
        })}
      </svg>
      <p class="trend-caption" aria-hidden="true">
        {caption}
      </p>
    </>
  );
}
