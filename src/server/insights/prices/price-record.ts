import { isRecord } from '../../../common/unknown-values.js';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import { COST_SOURCES, fromNanoDollars, toCost, toNanoDollars, type CostSource } from '../../model/cost.js';
import { isFailure, isRequest, modelOf, turnOf, type NewRecord } from '../../model/stored-record.js';
import { readCallUsage } from './call-usage.js';
import { costOfUsage, isLinear } from './model-price.js';
import {
  findPrice,
  priceCall,
  sentCost,
  type CallCost,
  type PricedCall,
  type PriceSources,
} from './price-call.js';

type Properties = Readonly<Record<string, PropertyValue>>;

/** Returns the properties of a record about its cost; empty for one that cost nothing, or whose cost is not known. */
export function priceRecord(record: NewRecord, sources: PriceSources): Properties {
  if (!isCall(record)) return {};
  const calls = callsOf(record);
  const count = callCountOf(record);
  if (calls.length === 0)
    return count > 1 ? priceSums(record, count, sources) : priceOne(wholeCall(record), sources);
  const sent = sentCost(record.properties);
  if (sent !== undefined)
    return {
      cost: sent,
      cost_source: 'sent',
      priced_calls: Math.max(count, calls.length),
      unpriced_calls: 0,
    };
  return priceCalls(calls, Math.max(0, count - calls.length), sources);
}

/** Returns true for requests, and for calls within a turn, whose cost is shown but not counted. */
function isCall(record: NewRecord): boolean {
  return isRequest(record) || turnOf(record) !== undefined;
}

function priceOne(call: PricedCall, sources: PriceSources): Properties {
  const priced = priceCall(call, sources);
  return typeof priced === 'string' ? {} : withSource(priced.cost, priced.source, sources);
}

function withSource(cost: number, source: CostSource, { table }: PriceSources): Properties {
  return { cost, cost_source: source, ...(source === 'table' && { cost_table: table.date }) };
}

interface ModelSums {
  nanoDollars: number;
  priced: number;
  unpriced: number;
}

/** Adds up the calls of a turn, each at its own price. `missing` is the number of calls that a long list leaves out. */
function priceCalls(calls: readonly PricedCall[], missing: number, sources: PriceSources): Properties {
  const byModel = new Map<string, ModelSums>();
  const sums: ModelSums = { nanoDollars: 0, priced: 0, unpriced: missing };
  let leastCertain = -1;
  for (const call of calls) {
    const priced = priceCall(call, sources);
    if (priced === 'unpaid') continue;
    const model = call.models[0] ?? 'unknown';
    const own = byModel.get(model) ?? { nanoDollars: 0, priced: 0, unpriced: 0 };
    byModel.set(model, own);
    for (const target of [sums, own]) addCall(target, priced);
    if (priced !== 'unpriced') leastCertain = Math.max(leastCertain, COST_SOURCES.indexOf(priced.source));
  }
  const counts = { priced_calls: sums.priced, unpriced_calls: sums.unpriced };
  const source = COST_SOURCES[leastCertain];
  if (source === undefined) return { unpriced_calls: sums.unpriced };
  return {
    ...withSource(fromNanoDollars(sums.nanoDollars), source, sources),
    ...counts,
    ...(byModel.size > 1 && { cost_by_model: partsOf(byModel) }),
  };
}

function addCall(sums: ModelSums, priced: CallCost | 'unpriced'): void {
  if (priced === 'unpriced') {
    sums.unpriced++;
    return;
  }
  sums.nanoDollars += toNanoDollars(priced.cost);
  sums.priced++;
}

function partsOf(byModel: ReadonlyMap<string, ModelSums>): PropertyValue {
  return Object.fromEntries(
    [...byModel].map(([model, { nanoDollars, priced, unpriced }]) => [
      model,
      { cost: fromNanoDollars(nanoDollars), priced, unpriced },
    ]),
  );
}

/**
 * Prices a turn of which only the sums are known, as older exporters send it. That is right for one model whose price does not depend on
 * the size of a call; any other is unpriced.
 */
function priceSums(record: NewRecord, count: number, sources: PriceSources): Properties {
  const call = wholeCall(record);
  const sent = sentCost(record.properties);
  const counts = { priced_calls: count, unpriced_calls: 0 };
  if (sent !== undefined) return { cost: sent, cost_source: 'sent', ...counts };
  const { models } = record.properties;
  const usage = readCallUsage(record.properties);
  const found = usage && Array.isArray(models) && models.length === 1 && findPrice(call, sources);
  if (!found || !isLinear(found.price)) return { unpriced_calls: count };
  return { ...withSource(costOfUsage(usage, found.price), found.source, sources), ...counts };
}

/** Returns the record as one call. */
function wholeCall(record: NewRecord): PricedCall {
  const { provider, request_model: requested } = record.properties;
  return {
    models: namesOf(modelOf(record), requested),
    provider: nameOf(provider),
    at: () => timeOf(record),
    fields: record.properties,
    isFailed: isFailure(record),
  };
}

/** Returns the calls of a turn that lists them. An entry that is no object is a call of which nothing is known. */
function callsOf(record: NewRecord): readonly PricedCall[] {
  const { calls } = record.properties;
  if (!Array.isArray(calls)) return [];
  return calls.map((entry: unknown) => {
    const fields = isRecord(entry) ? entry : {};
    const { model, request_model: requested, provider, error } = fields;
    return {
      models: namesOf(model, requested),
      provider: nameOf(provider),
      at: () => timeOf(record),
      fields,
      isFailed: error !== undefined && error !== false && error !== null,
    };
  });
}

function callCountOf({ properties }: NewRecord): number {
  const { call_count: count } = properties;
  return typeof count === 'number' && Number.isInteger(count) && count > 0 ? count : 1;
}

/** Returns the model that answered and the one that was asked, once if they are the same. */
function namesOf(answering: unknown, requested: unknown): readonly string[] {
  const names: string[] = [];
  if (isModelName(answering)) names.push(answering);
  if (isModelName(requested) && requested !== answering) names.push(requested);
  return names;
}

function isModelName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value !== 'unknown';
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function timeOf({ timestamp, receivedAt }: NewRecord): number {
  const at = Date.parse(timestamp);
  return Number.isNaN(at) ? Date.parse(receivedAt) : at;
}

/** Returns whether a record has a cost that a server computed or took over. */
export function isPriced({ properties }: Pick<NewRecord, 'properties'>): boolean {
  const { cost, cost_source: source } = properties;
  return source !== undefined && toCost(cost) !== undefined && COST_SOURCES.some((name) => name === source);
}
