import type { Measure, MeasureName, PropertyFunction } from '../../../query/measure-request.js';
import { unitOf } from '../../../insights/compare/measure-kinds.js';
import { formatPoints } from '../../../model/measure/format-numbers.js';
import { formatCost } from '../../data/cost-text.js';
import {
  formatCompact,
  formatInteger,
  formatPercent,
  formatScore,
  formatSeconds,
} from '../../data/format.js';

const TITLES: Readonly<Record<MeasureName, string>> = {
  records: 'Records',
  prompts: 'Prompts',
  requests: 'Requests',
  errors: 'Errors',
  errorRate: 'Error rate',
  people: 'People',
  threads: 'Conversations',
  inputTokens: 'Input tokens',
  outputTokens: 'Output tokens',
  totalTokens: 'Tokens',
  cost: 'Cost',
  pricedCalls: 'Priced calls',
  unpricedCalls: 'Unpriced calls',
  rated: 'Rated answers',
  bad: 'Bad answers',
  badShare: 'Bad share',
  latencyMean: 'Latency, mean',
  latencyP50: 'Latency, median',
  latencyP95: 'Latency, p95',
  latencyP99: 'Latency, p99',
};

const FUNCTIONS: Readonly<Record<PropertyFunction, string>> = {
  count: 'number',
  sum: 'sum',
  mean: 'mean',
  p50: 'median',
  p95: 'p95',
};

export function measureTitle(measure: Measure): string {
  return typeof measure === 'string' ? TITLES[measure] : `${measure.property}, ${FUNCTIONS[measure.of]}`;
}

/** Formats a value; a dash where nothing was measured. */
export function formatMeasure(measure: Measure, value: number | null): string {
  if (value === null) return '–';
  const unit = unitOf(measure);
  if (unit === 'share') return formatPercent(value, 1);
  if (unit === 'cost') return value < 0 ? `−${formatCost(-value)}` : formatCost(value);
  if (unit === 'seconds') return value < 0 ? `−${formatSeconds(-value)}` : formatSeconds(value);
  if (!Number.isInteger(value)) return formatScore(value);
  return Math.abs(value) >= 1e6 ? formatCompact(value) : formatInteger(value);
}

/** Formats a difference with its sign: `+3`, `−$0.20`, `+1.2 points`. */
export function formatDifference(measure: Measure, difference: number): string {
  const size = Math.abs(difference);
  const text = unitOf(measure) === 'share' ? formatPoints(size) : formatMeasure(measure, size);
  return `${signOf(difference)}${text}`;
}

export function signOf(value: number): string {
  if (value === 0) return '±';
  return value > 0 ? '+' : '−';
}
