import { fromNanoDollars, toNanoDollars } from '../../../../model/cost.js';
import { emptyTotals, toTotals as toModelTotals } from '../../../../model/running-totals.js';
import type { ModelSummary, Totals } from '../../../../model/statistics.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import {
  AT_MS,
  IS_PLAUSIBLE,
  LATENCIES,
  toLatencySummary,
  TOTALS,
  toTotals,
  type LatencyRow,
  type TotalsRow,
} from '../totals.js';
import type { WhereClause } from '../where-clause.js';
import { MAX_NAMED } from './max-named.js';

/** Models whose sums are read: more than are listed, because turns can move tokens to a model without prompts. */
const MAX_MODELS = 1000;

export interface SumsRow extends TotalsRow, LatencyRow {
  readonly records: string;
  readonly threads: string;
  readonly positive: string;
  readonly negative: string;
  readonly other: string;
  readonly plausible: string;
  readonly first: string;
  readonly last: string;
  readonly firstOfAll: string;
  readonly lastOfAll: string;
}

/** Reads the sums of all records and of each model in one pass. */
export async function readSums(
  client: ClickHouseClient,
  { sql, parameters }: WhereClause,
): Promise<{ readonly sums: SumsRow; readonly models: readonly ModelSummary[] }> {
  const [[sums, ...groups], parts] = await Promise.all([
    client.query<ModelRow>(
      `SELECT model, ${TOTALS}, ${LATENCIES}, count() AS records,
  uniqExactIf(thread, thread != '') AS threads,
  countIf(feedback = 'positive') AS positive, countIf(feedback = 'negative') AS negative, countIf(feedback = 'other') AS other,
  countIf(${IS_PLAUSIBLE}) AS plausible, minIf(${AT_MS}, ${IS_PLAUSIBLE}) AS first, maxIf(${AT_MS}, ${IS_PLAUSIBLE}) AS last,
  min(${AT_MS}) AS firstOfAll, max(${AT_MS}) AS lastOfAll
FROM records FINAL
WHERE ${sql}
GROUP BY ROLLUP(model) ORDER BY grouping(model) DESC, prompts DESC, model LIMIT ${1 + MAX_MODELS}`,
      { parameters },
    ),
    client.query<PartRow>(
      `SELECT model AS own, part, sum(part_input) AS input, sum(part_output) AS output,
  sum(part_nanos) AS nanoDollars, sum(part_priced) AS priced, sum(part_unpriced) AS unpriced FROM records FINAL
ARRAY JOIN part_models AS part, part_input_tokens AS part_input, part_output_tokens AS part_output,
  part_nano_dollars AS part_nanos, part_priced_calls AS part_priced, part_unpriced_calls AS part_unpriced
WHERE ${sql}
GROUP BY own, part`,
      { parameters },
    ),
  ]);
  // Without records, ROLLUP has no row.
  return { sums: sums ?? NO_RECORDS, models: listModels(groups, parts) };
}

type ModelRow = { readonly model: string } & SumsRow;

const NO_RECORDS: SumsRow = {
  ...emptyTotals(),
  latencies: [],
  measured: '0',
  records: '0',
  threads: '0',
  positive: '0',
  negative: '0',
  other: '0',
  plausible: '0',
  first: '0',
  last: '0',
  firstOfAll: '0',
  lastOfAll: '0',
};

/** Moves the tokens and costs of other models in a turn to those models, and returns the models with the most prompts. */
function listModels(groups: readonly ModelRow[], parts: readonly PartRow[]): readonly ModelSummary[] {
  const models = new Map<
    string,
    { readonly assistantId: string; readonly latency: ModelSummary['latency'] } & Totals
  >();
  for (const row of groups)
    models.set(row.model, { assistantId: row.model, ...toTotals(row), latency: toLatencySummary(row) });
  for (const row of parts) {
    addPart(models.get(row.own), row, -1);
    if (!models.has(row.part)) models.set(row.part, emptySummary(row.part));
    addPart(models.get(row.part), row, 1);
  }
  models.delete('');
  return [...models.values()]
    .sort((a, b) => b.prompts - a.prompts || (a.assistantId < b.assistantId ? -1 : 1))
    .slice(0, MAX_NAMED);
}

/** Sums of what one model used in turns of another one. */
interface PartRow {
  readonly own: string;
  readonly part: string;
  readonly input: number;
  readonly output: number;
  readonly nanoDollars: string;
  readonly priced: string;
  readonly unpriced: string;
}

function addPart(totals: Totals | undefined, part: PartRow, sign: 1 | -1): void {
  if (!totals) return;
  totals.inputTokens += sign * part.input;
  totals.outputTokens += sign * part.output;
  totals.totalTokens += sign * (part.input + part.output);
  totals.cost = fromNanoDollars(toNanoDollars(totals.cost) + sign * Number(part.nanoDollars));
  totals.pricedCalls += sign * Number(part.priced);
  totals.unpricedCalls += sign * Number(part.unpriced);
}

function emptySummary(assistantId: string): ModelSummary {
  const latency = { p50: null, p95: null, p99: null };
  return { assistantId, ...toModelTotals(emptyTotals()), latency };
}
