import { ANONYMOUS } from '../../../../records/model/prompt-record.js';
import { fromNanoDollars } from '../../../model/cost.js';
import { mean, rate, sumOf, type Measured } from '../../../model/measure/measure-answer.js';
import type { Measure, MeasureName, PropertyMeasure } from '../../../query/measure-request.js';
import { RATING_BITS } from '../table/rated-answers.js';
import type { RecordTable } from '../table/record-table.js';
import type { RowPart } from '../table/row-parts.js';
import { distinct, percentiles, sums, type Placement } from './placement.js';

/** Sources of measures besides the columns. Each is made when it is first needed. */
export interface MeasureSource {
  readonly table: RecordTable;
  /** Numbers of a property by row; NaN where there is none. */
  readonly numbersOf: (property: string) => Float64Array;
}

type Counter = (source: MeasureSource, placement: Placement) => Measured[];

/** Returns a measure of each slot. */
export function measureSlots(source: MeasureSource, measure: Measure, placement: Placement): Measured[] {
  return typeof measure === 'string'
    ? COUNTERS[measure](source, placement)
    : measureProperty(source, measure, placement);
}

const COUNTERS: Readonly<Record<MeasureName, Counter>> = {
  records: (_, placement) => counts(sums(placement, () => 1)),
  prompts: (source, placement) => counts(promptCounts(source, placement)),
  requests: (source, placement) => counts(requestCounts(source, placement)),
  errors: (source, placement) => counts(errorCounts(source, placement)),
  errorRate(source, placement) {
    const requests = requestCounts(source, placement);
    return list(errorCounts(source, placement), (errors, slot) => rate(errors, requests[slot] ?? 0));
  },
  people({ table }, placement) {
    const nobody = table.users.find(ANONYMOUS);
    const asked = (row: number): boolean => table.user[row] !== nobody && table.isRequest(row);
    return counts(distinct(placement, table.user, table.users.limit, asked));
  },
  threads: ({ table }, placement) => counts(distinct(placement, table.thread, table.threads.limit)),
  inputTokens: ({ table }, placement) =>
    counts(withParts(table, placement, table.inputTokens, ({ input }) => input)),
  outputTokens: ({ table }, placement) =>
    counts(withParts(table, placement, table.outputTokens, ({ output }) => output)),
  totalTokens: ({ table }, placement) =>
    counts(withParts(table, placement, table.totalTokens, ({ input, output }) => input + output)),
  cost({ table }, placement) {
    const priced = pricedCounts(table, placement);
    const costs = withParts(table, placement, table.nanoDollars, ({ nanoDollars }) => nanoDollars);
    return list(costs, (cost, slot) => {
      const n = priced[slot] ?? 0;
      return { value: n === 0 ? null : fromNanoDollars(cost), n };
    });
  },
  pricedCalls: ({ table }, placement) => counts(pricedCounts(table, placement)),
  unpricedCalls: ({ table }, placement) =>
    counts(withParts(table, placement, table.unpricedCalls, ({ unpricedCalls }) => unpricedCalls)),
  rated: (source, placement) =>
    answerRates(source, placement, (rated, _, answers) => ({ value: rated, n: answers })),
  bad: (source, placement) => answerRates(source, placement, (rated, bad) => ({ value: bad, n: rated })),
  badShare: (source, placement) => answerRates(source, placement, (rated, bad) => rate(bad, rated)),
  latencyMean: ({ table }, placement) => means(placement, table.latency),
  latencyP50: ({ table }, placement) => ranks(placement, table.latency, 50),
  latencyP95: ({ table }, placement) => ranks(placement, table.latency, 95),
  latencyP99: ({ table }, placement) => ranks(placement, table.latency, 99),
};

function measureProperty(
  source: MeasureSource,
  { property, of }: PropertyMeasure,
  placement: Placement,
): Measured[] {
  const numbers = source.numbersOf(property);
  switch (of) {
    case 'count': {
      return counts(measuredCounts(placement, numbers));
    }
    case 'sum': {
      const n = measuredCounts(placement, numbers);
      return list(measuredSums(placement, numbers), (sum, slot) => sumOf(sum, n[slot] ?? 0));
    }
    case 'mean': {
      return means(placement, numbers);
    }
    case 'p50': {
      return ranks(placement, numbers, 50);
    }
    case 'p95': {
      return ranks(placement, numbers, 95);
    }
    default: {
      return of satisfies never;
    }
  }
}

function list(
  values: Float64Array | Uint32Array,
  toMeasured: (value: number, slot: number) => Measured,
): Measured[] {
  return Array.from(values, toMeasured);
}

function counts(values: Float64Array | Uint32Array): Measured[] {
  return list(values, (value) => ({ value, n: null }));
}

function promptCounts({ table }: MeasureSource, placement: Placement): Float64Array {
  return sums(placement, (row) => (table.event[row] === 0 ? 1 : 0));
}

function requestCounts({ table }: MeasureSource, placement: Placement): Float64Array {
  return sums(placement, (row) => (table.isRequest(row) ? 1 : 0));
}

function errorCounts({ table }: MeasureSource, placement: Placement): Float64Array {
  return sums(placement, (row) => table.isError[row] ?? 0);
}

function pricedCounts(table: RecordTable, placement: Placement): Float64Array {
  return withParts(table, placement, table.pricedCalls, ({ pricedCalls }) => pricedCalls);
}

/** Sums up a column. If slots are models, what other models did in a turn is moved to them. */
function withParts(
  table: RecordTable,
  placement: Placement,
  column: Uint32Array | Float64Array,
  amountOf: (part: RowPart) => number,
): Float64Array {
  const result = sums(placement, (row) => column[row] ?? 0);
  const { rows, slots, slotOfModel } = placement;
  if (!slotOfModel) return result;
  for (let place = 0; place < rows.length; place++)
    for (const part of table.modelParts(rows[place] ?? 0)) {
      const [from, to] = [slots[place] ?? 0, slotOfModel(place, part.model)];
      result[from] = (result[from] ?? 0) - amountOf(part);
      result[to] = (result[to] ?? 0) + amountOf(part);
    }
  return result;
}

function answerRates(
  source: MeasureSource,
  placement: Placement,
  toMeasured: (rated: number, bad: number, answers: number) => Measured,
): Measured[] {
  const ratings = source.table.ratings();
  const rated = sums(placement, (row) => ((ratings[row] ?? 0) > 0 ? 1 : 0));
  const bad = sums(placement, (row) => (((ratings[row] ?? 0) & RATING_BITS.bad) > 0 ? 1 : 0));
  const answers = promptCounts(source, placement);
  return list(rated, (value, slot) => toMeasured(value, bad[slot] ?? 0, answers[slot] ?? 0));
}

function measuredCounts(placement: Placement, numbers: Float64Array): Float64Array {
  return sums(placement, (row) => (Number.isNaN(numbers[row] ?? Number.NaN) ? 0 : 1));
}

function measuredSums(placement: Placement, numbers: Float64Array): Float64Array {
  return sums(placement, (row) => numbers[row] || 0);
}

function means(placement: Placement, numbers: Float64Array): Measured[] {
  const n = measuredCounts(placement, numbers);
  return list(measuredSums(placement, numbers), (sum, slot) => mean(sum, n[slot] ?? 0));
}

function ranks(placement: Placement, numbers: Float64Array, percent: number): Measured[] {
  return percentiles(placement, numbers, percent).map(({ n, percentile }) => ({ value: percentile, n }));
}
