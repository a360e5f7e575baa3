import type { ApiResponse } from '../../data/api.js';
import { formatCost, formatCosts, formatMeanCost } from '../../data/cost-text.js';
import { formatCount } from '../../data/format.js';
import type { Bar } from '../../parts/bar-list.js';
import { Plot } from '../../parts/plot.js';

type Stats = ApiResponse<'stats'>;

/** Distances of marks: 1, 2 and 5 of each power of ten, from a ten-millionth of a dollar on. */
const STEPS = Array.from({ length: 14 }, (_, power) =>
  [1, 2, 5].map((n) => Number(`${n}e${power - 7}`)),
).flat();

/** Returns the value of the tile and the line below it. */
export function costTile(stats: Stats): readonly [value: string, more: string | undefined] {
  const { pricedCalls, unpricedCalls } = stats;
  if (pricedCalls === 0)
    return ['–', unpricedCalls === 0 ? undefined : formatCount(unpricedCalls, 'unpriced call')];
  const unpriced = unpricedCalls === 0 ? undefined : `+ ${formatCount(unpricedCalls, 'unpriced call')}`;
  return [formatCost(stats.cost), [unpriced, formatMeanCost(stats)].filter(Boolean).join(', ')];
}

/** Cost over time. Nothing if no call has a price. */
export function CostPlot({ stats }: { readonly stats: Stats }) {
  const { series } = stats;
  if (stats.pricedCalls === 0) return null;
  return (
    <Plot
      at={series.at}
      end={series.end}
      stepMs={series.stepMs}
      title="Cost"
      kind="bars"
      summary={formatCosts(stats)}
      format={formatCost}
      steps={STEPS}
      series={[{ label: 'US dollars', values: series.cost, colour: '--plot-1' }]}
    />
  );
}

/** The models that cost most, then those of which only the number of calls is known. */
export function costByModel(stats: Stats, hrefOf: (name: string) => string): Bar[] {
  return stats.models
    .filter(({ pricedCalls, unpricedCalls }) => pricedCalls + unpricedCalls > 0)
    .sort((a, b) => b.cost - a.cost || b.unpricedCalls - a.unpricedCalls)
    .map((model) => ({
      name: model.assistantId,
      value: model.cost,
      href: hrefOf(model.assistantId),
      text: formatCosts(model),
    }));
}

/** Says what the cost is the cost of, and from when the prices are. */
export function CostNote({ stats }: { readonly stats: Stats }) {
  if (stats.pricedCalls === 0) return null;
  return (
    <p class="muted">
      Cost is that of the recorded calls, in US dollars: as it was sent, else by{' '}
      {stats.prices.own && 'your own prices and '}the price table of {stats.prices.tableDate}.
      {stats.unpricedCalls > 0 && ' Calls of models without a price, or without usage, are unpriced.'}
    </p>
  );
}
