import { toCost, type CostSource } from '../../model/cost.js';
import { hasUsage, readCallUsage, type UsageFields } from './call-usage.js';
import { costOfUsage, type ModelPrice } from './model-price.js';
import type { OwnPrices } from './own-prices.js';
import type { PriceTable } from './price-table.js';

/** Price tables in order of precedence: the own one first. */
export interface PriceSources {
  readonly own?: OwnPrices | undefined;
  readonly table: PriceTable;
}

/** One call: that of a record, or one of a turn. */
export interface PricedCall {
  /** The model that answered, then the one that was asked. */
  readonly models: readonly string[];
  readonly provider?: string | undefined;
  /** Returns its time in milliseconds. Most prices do not depend on it. */
  readonly at: () => number;
  readonly fields: UsageFields;
  /** True if the call failed. Without tokens, nothing was paid for. */
  readonly isFailed: boolean;
}

/** US dollars of a call, and where they come from. */
export interface CallCost {
  readonly cost: number;
  readonly source: CostSource;
}

/** Tiers of a provider at its usual price. Others, such as `batch` and `flex`, are not in the table. */
const USUAL_TIERS: ReadonlySet<unknown> = new Set(['auto', 'default', 'standard', 'on_demand', '']);

/** Returns the cost of a call; `unpriced` if it is not known, and `unpaid` for a failed call without tokens. */
export function priceCall(call: PricedCall, sources: PriceSources): CallCost | 'unpriced' | 'unpaid' {
  const { fields } = call;
  const sent = sentCost(fields);
  if (sent !== undefined) return { cost: sent, source: 'sent' };
  if (fields['cached'] === true) return { cost: 0, source: 'cache' };
  if (call.isFailed && !hasUsage(fields)) return 'unpaid';
  const usage = readCallUsage(fields);
  const found = usage && findPrice(call, sources);
  return found ? { cost: costOfUsage(usage, found.price), source: found.source } : 'unpriced';
}

/** Returns the cost in US dollars that was sent with a call; undefined in another currency. */
export function sentCost(fields: UsageFields): number | undefined {
  const { cost, cost_currency: currency = 'USD' } = fields;
  return typeof currency === 'string' && currency.toUpperCase() === 'USD' ? toCost(cost) : undefined;
}

/** Returns the price of a call: that of the first of its models that has one. */
export function findPrice(
  { models, provider, at, fields }: PricedCall,
  { own, table }: PriceSources,
): { readonly price: ModelPrice; readonly source: 'own' | 'table' } | undefined {
  for (const model of models) {
    const price = own?.find(model, provider, at());
    if (price) return { price, source: 'own' };
  }
  const { service_tier: tier = '' } = fields;
  if (!USUAL_TIERS.has(typeof tier === 'string' ? tier.toLowerCase() : tier)) return undefined;
  for (const model of models) {
    const price = table.find(model, provider, at);
    if (price) return { price, source: 'table' };
  }
  return undefined;
}
