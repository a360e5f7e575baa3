import type { PropertyValue } from '../../records/model/prompt-record.js';
import { toNumber, tokenCounts } from './measures.js';
import { isFailure, isRequest, type ListedRecord } from './stored-record.js';

/** US dollars of one record that are believed. Above it, a cost is unknown. */
export const MAX_COST = 1e6;
/** Calls of one turn that are believed. Above it, a number of calls is unknown. */
const MAX_CALLS = 100_000;
/** Costs are counted in billionths of a dollar: sums of whole numbers are the same in any order, on every engine. */
const PER_DOLLAR = 1e9;

/**
 * Origin of the property `cost`: sent with the record, from the server's file of own prices, from its table, or 0 because a cache of
 * LangChain answered. For a turn, the least certain of its calls.
 */
export const COST_SOURCES = ['sent', 'cache', 'own', 'table'] as const;
export type CostSource = (typeof COST_SOURCES)[number];

/** Properties that the server adds when a record arrives, and `recompute` later. A `cost` that was sent stays as it is. */
export const COST_PROPERTIES = [
  'cost',
  'cost_source',
  'cost_table',
  'priced_calls',
  'unpriced_calls',
  'cost_by_model',
] as const;

export interface CostCounts {
  /** US dollars of the calls that have a price, to nine digits. */
  readonly cost: number;
  readonly pricedCalls: number;
  /** Calls without a price: an unknown model, or no usage that is believed. */
  readonly unpricedCalls: number;
}

/** The part of one model in a turn of several models. */
export interface ModelCost extends CostCounts {
  readonly model: string;
}

/** Prices that the server uses. */
export interface PricesInfo {
  /** Day of the table, `2026-01-31`. */
  readonly tableDate: string;
  /** True if there is a file of own prices. */
  readonly own: boolean;
}

/** Cost of one record, as it counts in sums. */
export interface RecordCost extends CostCounts {
  /** The rest belongs to the model of the record. */
  readonly byModel: readonly ModelCost[];
}

const NO_PARTS: readonly ModelCost[] = [];
const NO_COST: RecordCost = { cost: 0, pricedCalls: 0, unpricedCalls: 0, byModel: NO_PARTS };

/**
 * Reads what the server wrote when the record arrived. Zero for events that are no requests, and for a call within a turn, which the
 * turn includes. A record without `cost_source` is unpriced; a failed one without tokens is no call to be paid for.
 */
export function costOf(record: ListedRecord): RecordCost {
  if (!isRequest(record)) return NO_COST;
  const { properties } = record;
  const cost = toCost(properties['cost']);
  const isKnown = cost !== undefined && isSource(properties['cost_source']);
  const unpricedCalls = toCalls(properties['unpriced_calls']);
  if (!isKnown)
    return { ...NO_COST, unpricedCalls: unpricedCalls ?? (isPaid(record) ? callsOf(properties) : 0) };
  const sums = {
    cost,
    pricedCalls: toCalls(properties['priced_calls']) ?? 1,
    unpricedCalls: unpricedCalls ?? 0,
  };
  const byModel = costsByModel(properties['cost_by_model']);
  return { ...sums, byModel: isWithin(byModel, sums) ? byModel : NO_PARTS };
}

/** Returns a cost in billionths of a dollar: a whole number. */
export function toNanoDollars(dollars: number): number {
  return Math.round(dollars * PER_DOLLAR);
}

export function fromNanoDollars(nanoDollars: number): number {
  return nanoDollars / PER_DOLLAR;
}

/** Returns a cost that is believed, to nine digits; undefined for negative ones and those above {@link MAX_COST}. */
export function toCost(value: unknown): number | undefined {
  const dollars = toNumber(value);
  if (dollars === undefined || dollars < 0 || dollars > MAX_COST) return undefined;
  return fromNanoDollars(toNanoDollars(dollars));
}

function isSource(value: PropertyValue | undefined): boolean {
  return COST_SOURCES.some((source) => source === value);
}

function isPaid(record: ListedRecord): boolean {
  return !isFailure(record) || (tokenCounts(record).total ?? 0) > 0;
}

/** Returns the calls of a turn; 1 for a call. */
function callsOf(properties: ListedRecord['properties']): number {
  return Math.max(1, toCalls(properties['call_count']) ?? 1);
}

function toCalls(value: unknown): number | undefined {
  const count = toNumber(value);
  return count !== undefined && count >= 0 && count <= MAX_CALLS ? Math.round(count) : undefined;
}

/** Reads `{ "gpt-4o": { "cost": 0.02, "priced": 2, "unpriced": 0 } }`. Parts that are no numbers are 0. */
function costsByModel(value: PropertyValue | undefined): readonly ModelCost[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NO_PARTS;
  return Object.entries(value).flatMap(([model, part]) => {
    if (model === '' || typeof part !== 'object' || part === null || Array.isArray(part)) return [];
    const { cost, priced, unpriced } = part as Readonly<Record<string, unknown>>;
    return [
      {
        model,
        cost: toCost(cost) ?? 0,
        pricedCalls: toCalls(priced) ?? 0,
        unpricedCalls: toCalls(unpriced) ?? 0,
      },
    ];
  });
}

/** Returns false for parts above the record's own sums: they contradict it, and the record is right. */
function isWithin(parts: readonly ModelCost[], sums: CostCounts): boolean {
  let [nanoDollars, priced, unpriced] = [0, 0, 0];
  for (const part of parts) {
    nanoDollars += toNanoDollars(part.cost);
    priced += part.pricedCalls;
    unpriced += part.unpricedCalls;
  }
  return (
    nanoDollars <= toNanoDollars(sums.cost) && priced <= sums.pricedCalls && unpriced <= sums.unpricedCalls
  );
}
