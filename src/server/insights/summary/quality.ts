import type { MeasureName } from '../../query/measure-request.js';
import type { Change } from '../compare/change.js';
import { changeOfMean, type MeasuredPair } from './measured.js';
import type { Quality, QualityMeasure } from './summary.js';

/** Measures of each release, prompt, version and model. The first one orders them. */
export const QUALITY_MEASURES = [
  'requests',
  'errorRate',
  'badShare',
  'latencyP95',
  'cost',
  'pricedCalls',
] as const satisfies readonly MeasureName[];

/** Below this number of requests, ratings or calls on either side, nothing is said to have risen. */
const LEAST = 20;
/** Latencies and costs have no known variance: only the number is known. */
const NOTABLE = 0.1;

export function qualityOf(pair: MeasuredPair): Quality {
  const changes = {
    errorRate: pair.change('errorRate'),
    badShare: pair.change('badShare'),
    latencyP95: pair.change('latencyP95'),
    costPerCall: changeOfMean(pair, 'cost', 'pricedCalls'),
  };
  const measures: readonly QualityMeasure[] = ['errorRate', 'badShare', 'latencyP95', 'costPerCall'];
  return {
    requests: pair.change('requests'),
    ...changes,
    risen: measures.filter((measure) => hasRisen(changes[measure])),
  };
}

function hasRisen({ value, n, before, nBefore, change, difference, unit, mayBeChance }: Change): boolean {
  if (value === null || before === null || (n ?? 0) < LEAST || (nBefore ?? 0) < LEAST) return false;
  if (unit === 'share') return (change ?? 0) >= NOTABLE;
  return mayBeChance === false && (difference ?? 0) > 0;
}
