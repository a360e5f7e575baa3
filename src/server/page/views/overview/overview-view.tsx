import { useEffect } from 'preact/hooks';
import type { ApiResponse } from '../../data/api.js';
import {
  formatCount,
  formatCompact,
  formatInteger,
  formatPercent,
  formatScore,
  formatSeconds,
  ROUND_SECONDS,
} from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import type { ComponentChildren } from 'preact';
import { drillDown } from '../../browser/location.js';
import { Link } from '../../parts/link.js';
import type { ViewProps } from '../view-props.js';
import { ComparedTiles, type ComparedMeasure } from '../../comparison/compared-tiles.js';
import { RatingsCard } from './ratings-card.js';
import { TimeZoneNote } from './time-zone-note.js';
import { CoveredTime } from '../../parts/covered-time.js';
import { BarList, type Bar } from '../../parts/bar-list.js';
import { costByModel, CostNote, CostPlot, costTile } from './cost.js';
import { ForwardingStatus } from './forwarding-status.js';
import { EmptyList } from '../../parts/empty-list.js';
import { LoadState } from '../../parts/load-state.js';
import { Plot } from '../../parts/plot.js';
import { timeZone } from '../../browser/time-zone.js';

type Stats = ApiResponse<'stats'>;
/** Returns the address of the records that match further filters. */
type LinkTo = (filters: Readonly<Record<string, string>>) => string;

/** Delay before the counters are read again while records wait to be forwarded: no event tells when they have been. */
const FORWARDING_REFRESH_MS = 2000;

/** The tiles that can be compared, under the same names. */
const COMPARED: readonly ComparedMeasure[] = [
  ['prompts', 'Prompts', 'count'],
  ['people', 'People', 'count'],
  ['threads', 'Conversations', 'count'],
  ['latencyP50', 'Median latency', 'seconds'],
  ['totalTokens', 'Tokens', 'count'],
  ['cost', 'Cost', 'cost'],
  ['errorRate', 'Errors', 'share'],
];

/** Totals, plots over time, and rankings of the records that match the filters. */
export function OverviewView({ feed, params, query }: ViewProps) {
  const linkTo: LinkTo = (filters) => drillDown('/', params, filters);
  const {
    value: stats,
    error,
    retry,
  } = useResource('stats', `${query}&buckets=60&timezone=${encodeURIComponent(timeZone())}`, feed.changes);
  useEffect(() => {
    if (!stats?.forwarding || stats.forwarding.queued + stats.forwarding.inFlight === 0) return undefined;
    const timer = setTimeout(retry, FORWARDING_REFRESH_MS);
    return () => clearTimeout(timer);
  }, [stats]);
  if (!stats) return <LoadState error={error} onRetry={retry} />;
  if (stats.records === 0)
    return (
      <EmptyList
        title="Nothing to sum up"
        text="Numbers and plots appear with the first records."
        filteredText="No record matches all of these filters."
      >
        {stats.forwarding && <ForwardingStatus stats={stats.forwarding} />}
      </EmptyList>
    );
  return (
    <div class="overview">
      <CoveredTime since={stats.since} />
      <ComparedTiles params={params} query={query} changes={feed.changes} measures={COMPARED}>
        <Tiles stats={stats} linkTo={linkTo} />
      </ComparedTiles>
      {stats.forwarding && <ForwardingStatus stats={stats.forwarding} />}
      <Plots stats={stats} />
      <TimeZoneNote />
      <CostNote stats={stats} />
      {stats.series.outside > 0 && (
        <p class="muted">
          {formatCount(stats.series.outside, 'record')} with a time before 2020, or later than it arrived,{' '}
          {stats.series.outside === 1 ? 'is' : 'are'} not in the plots.
        </p>
      )}
      <div class="cards">
        <Card
          title="Tokens by model"
          bars={tokensByModel(stats, (model) => linkTo({ model }))}
          empty="No tokens were counted."
        />
        <Card
          title="Cost by model"
          bars={costByModel(stats, (model) => linkTo({ model }))}
          empty="No calls."
        />
        <Card
          title="Latency by model (median)"
          bars={latencyByModel(stats, (model) => linkTo({ model, kind: 'prompt' }))}
          empty="Nothing was measured."
        />
        <Card
          title="People"
          bars={toLinkedBars(stats.topUsers, (user) =>
            drillDown('/people', params, { user, kind: 'prompt' }),
          )}
          empty="No prompts."
        />
        <Card title="Tags" bars={toLinkedBars(stats.tags, (tag) => linkTo({ tag }))} empty="No tags." />
        <Card
          title="Events"
          bars={toLinkedBars(stats.eventNames, (event) => linkTo({ event }))}
          empty="No events."
        />
        <RatingsCard query={query} changes={feed.changes} linkTo={linkTo} />
        <Card title="Evaluations" bars={evaluationBars(stats)} empty="No evaluations." />
      </div>
    </div>
  );
}

/** Totals at the top. Each entry of `tiles` is one number. */
function Tiles({ stats, linkTo }: { readonly stats: Stats; readonly linkTo: LinkTo }) {
  const tiles: readonly [name: string, value: string, more?: ComponentChildren][] = [
    ['Prompts', formatInteger(stats.prompts)],
    ['People', formatInteger(stats.people)],
    ['Conversations', formatInteger(stats.threads)],
    [
      'Median latency',
      formatSeconds(stats.latency.p50),
      stats.latency.p95 === null ? undefined : `95 % below ${formatSeconds(stats.latency.p95)}`,
    ],
    [
      'Tokens',
      formatCompact(stats.totalTokens),
      `${formatCompact(stats.inputTokens)} in, ${formatCompact(stats.outputTokens)} out`,
    ],
    ['Cost', ...costTile(stats)],
    [
      'Errors',
      formatPercent(stats.errors, stats.requests),
      stats.errors === 0 ? (
        formatCount(0, 'error')
      ) : (
        <Link key="errors" href={linkTo({ error: 'true' })}>
          {formatCount(stats.errors, 'error')}
        </Link>
      ),
    ],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([name, value, more]) => (
        <div key={name} class="card">
          <dt>{name}</dt>
          <dd>
            <span class="tile-value number">{value}</span>
            {more && <span class="muted">{more}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Plots({ stats }: { readonly stats: Stats }) {
  const { series } = stats;
  const time = { at: series.at, end: series.end, stepMs: series.stepMs };
  const other = series.totalTokens.map((total, index) =>
    Math.max(0, total - (series.inputTokens[index] ?? 0) - (series.outputTokens[index] ?? 0)),
  );
  return (
    <div class="plots">
      <Plot
        {...time}
        title="Prompts"
        kind="bars"
        summary={`${formatCount(stats.prompts, 'prompt')}, ${formatCount(stats.errors, 'error')}`}
        format={formatCompact}
        series={[
          { label: 'answered', values: difference(series.requests, series.errors), colour: '--plot-1' },
          { label: 'errors', values: series.errors, colour: '--error' },
        ]}
      />
      <Plot
        {...time}
        title="Latency"
        kind="lines"
        summary={`median ${formatSeconds(stats.latency.p50)}, 95th percentile ${formatSeconds(stats.latency.p95)}`}
        format={formatSeconds}
        steps={ROUND_SECONDS}
        series={[
          { label: 'median', values: series.latencyP50, colour: '--plot-1' },
          { label: '95th percentile', values: series.latencyP95, colour: '--plot-2' },
        ]}
      />
      <Plot
        {...time}
        title="Tokens"
        kind="bars"
        summary={`${formatCount(stats.inputTokens, 'input token')}, ${formatCount(stats.outputTokens, 'output token')}`}
        format={formatCompact}
        series={[
          { label: 'input', values: series.inputTokens, colour: '--plot-1' },
          { label: 'output', values: series.outputTokens, colour: '--plot-2' },
          // Records with `total_tokens` alone, and tokens that are neither.
          ...(other.some((count) => count > 0) ? [{ label: 'other', values: other, colour: '--muted' }] : []),
        ]}
      />
      <CostPlot stats={stats} />
    </div>
  );
}

function difference(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, index) => value - (b[index] ?? 0));
}

interface CardProps {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly empty: string;
}

function Card({ title, ...list }: CardProps) {
  return (
    <section class="card">
      <h2>{title}</h2>
      <BarList {...list} />
    </section>
  );
}

/** Makes bars that lead to the records of one name. */
function toLinkedBars(named: Stats['tags'], hrefOf: (name: string) => string): Bar[] {
  return named.map(({ name, count }) => ({ name, value: count, href: hrefOf(name) }));
}

function tokensByModel(stats: Stats, hrefOf: (name: string) => string): Bar[] {
  return stats.models
    .map(({ assistantId: name, totalTokens: value }) => ({ name, value, href: hrefOf(name) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value);
}

function latencyByModel(stats: Stats, hrefOf: (name: string) => string): Bar[] {
  return stats.models
    .filter((model) => model.latency.p50 !== null)
    .map(({ assistantId, latency }) => ({
      name: assistantId,
      href: hrefOf(assistantId),
      value: latency.p50 ?? 0,
      text: `${formatSeconds(latency.p50)} · 95 % ${formatSeconds(latency.p95)}`,
    }));
}

/** Evaluations by name: how many, their mean score, and the most frequent labels. */
function evaluationBars({ evaluations }: Stats): Bar[] {
  return evaluations.map(({ name, count, meanScore, labels }) => {
    const parts = [
      formatInteger(count),
      meanScore === null ? undefined : `mean ${formatScore(meanScore)}`,
      ...labels.slice(0, 2).map((label) => `${formatInteger(label.count)} ${label.name}`),
    ];
    return { name, value: count, text: parts.filter(Boolean).join(' · ') };
  });
}
