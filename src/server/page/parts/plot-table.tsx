import { formatInterval } from '../data/format.js';

export interface PlotNumbers {
  readonly title: string;
  /** Start of each interval, in milliseconds since 1970. */
  readonly at: readonly number[];
  /** End of the last interval. */
  readonly end: number;
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
  readonly format: (value: number) => string;
}

/** The numbers of a plot as a table, for those who cannot see it. Intervals in which nothing was counted are left out. */
export function PlotTable({ title, at, end, series, format }: PlotNumbers) {
  const rows = at
    .map((start, index) => ({
      name: formatInterval(start, at[index + 1] ?? end),
      values: series.map(({ values }) => values[index] ?? null),
    }))
    .filter(({ values }) => values.some((value) => value !== null && value !== 0));
  return (
    <details class="plot-table">
      <summary>
        As a table<span class="visually-hidden">: {title}</span>
      </summary>
      <div class="property-table" tabIndex={0} role="region" aria-label={`${title} as a table`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {series.map(({ label }) => (
                <th key={label} scope="col" class="number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, values }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {values.map((value, index) => (
                  <td key={series[index]?.label} class="number">
                    {value === null ? '–' : format(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
