import type { Measure, MeasureName } from '../../query/measure-request.js';

/** A measure whose groups add up to the total, a share, a mean, or another: percentiles, and what is counted once in each group. */
export type MeasureKind = 'sum' | 'share' | 'mean' | 'other';

const KINDS: Readonly<Record<MeasureName, MeasureKind>> = {
  records: 'sum',
  prompts: 'sum',
  requests: 'sum',
  errors: 'sum',
  errorRate: 'share',
  people: 'other',
  threads: 'other',
  inputTokens: 'sum',
  outputTokens: 'sum',
  totalTokens: 'sum',
  cost: 'sum',
  pricedCalls: 'sum',
  unpricedCalls: 'sum',
  rated: 'sum',
  bad: 'sum',
  badShare: 'share',
  latencyMean: 'mean',
  latencyP50: 'other',
  latencyP95: 'other',
  latencyP99: 'other',
};

/** Measures of which it is good or bad that they rise. Of all others it is neither: more use costs more. */
const RISES: Readonly<Partial<Record<MeasureName, 'good' | 'bad'>>> = {
  people: 'good',
  errors: 'bad',
  errorRate: 'bad',
  bad: 'bad',
  badShare: 'bad',
  unpricedCalls: 'bad',
  latencyMean: 'bad',
  latencyP50: 'bad',
  latencyP95: 'bad',
  latencyP99: 'bad',
};

export function kindOf(measure: Measure): MeasureKind {
  if (typeof measure === 'string') return KINDS[measure];
  if (measure.of === 'count' || measure.of === 'sum') return 'sum';
  return measure.of === 'mean' ? 'mean' : 'other';
}

/** Returns true if a measure of no records is 0, and not unknown. */
export function isAmount(measure: Measure): boolean {
  return kindOf(measure) === 'sum' || measure === 'people' || measure === 'threads';
}

/** Returns whether a rise is good or bad; undefined for a measure of which neither can be said. */
export function riseOf(measure: Measure): 'good' | 'bad' | undefined {
  return typeof measure === 'string' ? RISES[measure] : undefined;
}

const SECONDS: ReadonlySet<Measure> = new Set([
  'latencyMean',
  'latencyP50',
  'latencyP95',
  'latencyP99',
] satisfies MeasureName[]);

/** Returns the unit of the values of a measure. Numbers of a property have the unit of the property, which nobody knows. */
export function unitOf(measure: Measure): 'share' | 'cost' | 'seconds' | 'number' {
  if (kindOf(measure) === 'share') return 'share';
  if (measure === 'cost') return 'cost';
  return SECONDS.has(measure) ? 'seconds' : 'number';
}
