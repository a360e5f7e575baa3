import { ANONYMOUS } from '../../../../../records/model/prompt-record.js';
import { fromNanoDollars } from '../../../../model/cost.js';
import { MAX_LATENCY } from '../../../../model/measures.js';
import { mean, rate, sumOf, type Measured } from '../../../../model/measure/measure-answer.js';
import type { Measure, MeasureName, PropertyMeasure } from '../../../../query/measure-request.js';
import { propertyNumber } from './property-values.js';

/** Sums of a group as they arrive, by their aliases: 64-bit numbers as text. */
export type MeasureRow = Readonly<Record<string, string | number | null>>;

/** Reading of a measure: its sums as SQL, and the value that they give. */
export interface MeasureColumns {
  /** Expressions of aggregates, by aliases that no column has. */
  readonly sums: Readonly<Record<string, string>>;
  readonly read: (row: MeasureRow) => Measured;
  /** The measure as SQL, from the aliases; null where nothing was measured. */
  readonly order: string;
}

const IS_REQUEST = "(kind = 'prompt' OR is_error = 1)";
const HAS_LATENCY = `(latency IS NOT NULL AND latency >= 0 AND latency <= ${MAX_LATENCY})`;
const IS_RATED = "kind = 'prompt' AND id IN (SELECT target FROM ratings)";
const IS_BAD = "kind = 'prompt' AND id IN (SELECT target FROM ratings WHERE is_bad)";

const SUMS = {
  sum_records: 'count()',
  sum_prompts: "countIf(kind = 'prompt')",
  sum_requests: `countIf(${IS_REQUEST})`,
  sum_errors: 'sum(is_error)',
  sum_people: `uniqExactIf(user, ${IS_REQUEST} AND user != '${ANONYMOUS}')`,
  sum_threads: "uniqExactIf(thread, thread != '')",
  sum_input: 'sum(input_tokens)',
  sum_output: 'sum(output_tokens)',
  sum_total: 'sum(total_tokens)',
  sum_cost: 'sum(nano_dollars)',
  sum_priced: 'sum(priced_calls)',
  sum_unpriced: 'sum(unpriced_calls)',
  sum_rated: `countIf(${IS_RATED})`,
  sum_bad: `countIf(${IS_BAD})`,
  sum_measured: `countIf(${HAS_LATENCY})`,
  sum_latency: `sumKahanIf(assumeNotNull(latency), ${HAS_LATENCY})`,
  rank_50: latencyRank(0.5),
  rank_95: latencyRank(0.95),
  rank_99: latencyRank(0.99),
} as const;

type SumName = keyof typeof SUMS;

/** Sums of which what other models did in a turn is moved to them, and the column of these parts. */
export const PARTS = {
  sum_input: 'part_input_tokens',
  sum_output: 'part_output_tokens',
  sum_total: 'arrayMap((i, o) -> i + o, part_input_tokens, part_output_tokens)',
  sum_cost: 'part_nano_dollars',
  sum_priced: 'part_priced_calls',
  sum_unpriced: 'part_unpriced_calls',
} as const satisfies Partial<Record<SumName, string>>;

function latencyRank(share: number): string {
  return `quantileExactWeightedIf(${share})(assumeNotNull(latency), 1, ${HAS_LATENCY})`;
}

const NAMED: Readonly<Record<MeasureName, MeasureColumns>> = {
  records: count('sum_records'),
  prompts: count('sum_prompts'),
  requests: count('sum_requests'),
  errors: count('sum_errors'),
  errorRate: quotient('sum_errors', 'sum_requests', rate),
  people: count('sum_people'),
  threads: count('sum_threads'),
  inputTokens: count('sum_input'),
  outputTokens: count('sum_output'),
  totalTokens: count('sum_total'),
  cost: {
    sums: sumsOf('sum_cost', 'sum_priced'),
    order: 'if(sum_priced = 0, NULL, toFloat64(sum_cost))',
    read(row) {
      const n = numberIn(row, 'sum_priced');
      return { value: n === 0 ? null : fromNanoDollars(numberIn(row, 'sum_cost')), n };
    },
  },
  pricedCalls: count('sum_priced'),
  unpricedCalls: count('sum_unpriced'),
  rated: {
    sums: sumsOf('sum_rated', 'sum_prompts'),
    order: 'sum_rated',
    read: (row) => ({ value: numberIn(row, 'sum_rated'), n: numberIn(row, 'sum_prompts') }),
  },
  bad: {
    sums: sumsOf('sum_bad', 'sum_rated'),
    order: 'sum_bad',
    read: (row) => ({ value: numberIn(row, 'sum_bad'), n: numberIn(row, 'sum_rated') }),
  },
  badShare: quotient('sum_bad', 'sum_rated', rate),
  latencyMean: quotient('sum_latency', 'sum_measured', mean),
  latencyP50: rankOf(sumsOf('rank_50', 'sum_measured'), 'rank_50', 'sum_measured'),
  latencyP95: rankOf(sumsOf('rank_95', 'sum_measured'), 'rank_95', 'sum_measured'),
  latencyP99: rankOf(sumsOf('rank_99', 'sum_measured'), 'rank_99', 'sum_measured'),
};

/** Returns how a measure is read. `index` tells the properties of a statement apart: `{property0:String}` is the name of the first. */
export function measureColumns(measure: Measure, index: number): MeasureColumns {
  return typeof measure === 'string' ? NAMED[measure] : propertyColumns(measure, index);
}

function propertyColumns({ of }: PropertyMeasure, index: number): MeasureColumns {
  const value = propertyNumber(`property${index}`);
  const [n, sum, rank] = [`number_n_${index}`, `number_sum_${index}`, `number_rank_${index}_${of}`];
  const counted = { [n]: `count(${value})` };
  const ranked = (share: number): MeasureColumns =>
    rankOf(
      {
        ...counted,
        [rank]: `quantileExactWeightedIf(${share})(assumeNotNull(${value}), 1, ${value} IS NOT NULL)`,
      },
      rank,
      n,
    );
  const summed = { ...counted, [sum]: `sumKahan(${value})` };
  switch (of) {
    case 'count': {
      return { sums: counted, order: n, read: (row) => ({ value: numberIn(row, n), n: null }) };
    }
    case 'sum': {
      return {
        sums: summed,
        order: `if(${n} = 0, NULL, ${sum})`,
        read: (row) => sumOf(numberIn(row, sum), numberIn(row, n)),
      };
    }
    case 'mean': {
      return {
        sums: summed,
        order: `if(${n} = 0, NULL, ${sum} / ${n})`,
        read: (row) => mean(numberIn(row, sum), numberIn(row, n)),
      };
    }
    case 'p50': {
      return ranked(0.5);
    }
    case 'p95': {
      return ranked(0.95);
    }
    default: {
      return of satisfies never;
    }
  }
}

export function numberIn(row: MeasureRow, name: string): number {
  return Number(row[name] ?? 0);
}

function sumsOf(...names: readonly SumName[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, SUMS[name]]));
}

function count(name: SumName): MeasureColumns {
  return { sums: sumsOf(name), order: name, read: (row) => ({ value: numberIn(row, name), n: null }) };
}

function quotient(
  part: SumName,
  whole: SumName,
  toMeasured: (part: number, whole: number) => Measured,
): MeasureColumns {
  return {
    sums: sumsOf(part, whole),
    order: `if(${whole} = 0, NULL, ${part} / ${whole})`,
    read: (row) => toMeasured(numberIn(row, part), numberIn(row, whole)),
  };
}

/** A quantile of nothing is 0 or NaN. */
function rankOf(sums: MeasureColumns['sums'], rank: string, n: string): MeasureColumns {
  return {
    sums,
    order: `if(${n} = 0, NULL, ${rank})`,
    read(row) {
      const measured = numberIn(row, n);
      return { value: measured === 0 ? null : numberIn(row, rank) + 0, n: measured };
    },
  };
}
