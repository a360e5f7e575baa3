import { KNOWN_DIMENSIONS } from '../../model/measure/dimensions.js';
import type { MeasureName } from '../../query/measure-request.js';
import { unitOf } from '../compare/measure-kinds.js';
import type { GroupReading } from './alert-reading.js';
import type { AlertRule } from './alert-rule.js';
import type { AlertSubject } from './alert-state.js';

/** Measures in words. */
const TITLES: Readonly<Record<MeasureName, string>> = {
  records: 'records',
  prompts: 'prompts',
  requests: 'requests',
  errors: 'errors',
  errorRate: 'error rate',
  people: 'active people',
  threads: 'conversations',
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
  totalTokens: 'tokens',
  cost: 'cost',
  pricedCalls: 'priced calls',
  unpricedCalls: 'unpriced calls',
  rated: 'rated answers',
  bad: 'bad answers',
  badShare: 'share of bad answers',
  latencyMean: 'mean latency',
  latencyP50: 'median latency',
  latencyP95: 'latency (95th percentile)',
  latencyP99: 'latency (99th percentile)',
};

/** Returns true for the names of measures that are shares, which people read and write in percent. */
export function isShare(measure: string): boolean {
  return isMeasureName(measure) && unitOf(measure) === 'share';
}

function isMeasureName(measure: string): measure is MeasureName {
  return Object.hasOwn(TITLES, measure);
}

/** Returns who or what a state is about; empty for all records. */
export function subjectText({ user, group }: AlertSubject): string {
  return user ?? group ?? '';
}

/** Returns a number of a measure with its unit, for instance `$5.20`, `12.5%`. */
export function numberText(measure: string, value: number): string {
  const unit = isMeasureName(measure) ? unitOf(measure) : 'number';
  if (unit === 'cost') return `$${value.toFixed(value !== 0 && Math.abs(value) < 0.1 ? 4 : 2)}`;
  if (unit === 'share') return `${Number((value * 100).toFixed(1))}%`;
  if (unit === 'seconds') return `${Number(value.toFixed(3))} s`;
  return String(Number(value.toFixed(3)));
}

/** Returns what was measured, with what is behind it. */
export function readingText(
  measure: string,
  { value, n, unpricedCalls = null }: Partial<Pick<GroupReading, 'value' | 'n' | 'unpricedCalls'>>,
): string {
  if (value === null || value === undefined) return 'nothing measured';
  const counts = [
    ...(n === null || n === undefined ? [] : [`n = ${n}`]),
    ...(unpricedCalls !== null && unpricedCalls > 0 ? [`${unpricedCalls} unpriced calls`] : []),
  ];
  return numberText(measure, value) + (counts.length === 0 ? '' : ` (${counts.join(', ')})`);
}

/** Returns when a rule is alerting, for instance `cost by organization above $5.00 in 24h`. */
export function thresholdText({
  measureName,
  byName,
  threshold,
  window,
}: Pick<AlertRule, 'measureName' | 'byName' | 'threshold' | 'window'>): string {
  const limit =
    'above' in threshold
      ? `above ${numberText(measureName, threshold.above)}`
      : `below ${numberText(measureName, threshold.below)}`;
  const title = isMeasureName(measureName) ? TITLES[measureName] : measureName;
  const dimension = KNOWN_DIMENSIONS.find(({ name }) => name === byName)?.title.toLowerCase() ?? byName;
  return `${title}${dimension === undefined ? '' : ` by ${dimension}`} ${limit} in ${window}`;
}
