import { isRecord } from '../../../common/unknown-values.js';
import type { ModelPrice, Rate } from './model-price.js';

/** One entry of a file of own prices. */
interface OwnPrice {
  readonly model: RegExp;
  readonly provider?: RegExp;
  /** Milliseconds. */
  readonly from: number;
  readonly until: number;
  readonly price: ModelPrice;
}

/** Fault in a file of own prices. */
export class PricesError extends Error {
  override readonly name = 'PricesError';
}

/** Prices of the user's own, which come before those of the table. */
export class OwnPrices {
  readonly #entries: readonly OwnPrice[];

  constructor(entries: readonly OwnPrice[]) {
    this.#entries = entries;
  }

  /** Returns the price of the first entry that fits. `at` is in milliseconds. */
  find(model: string, provider: string | undefined, at: number): ModelPrice | undefined {
    return this.#entries.find(
      (entry) =>
        entry.model.test(model) &&
        (entry.provider === undefined || (provider !== undefined && entry.provider.test(provider))) &&
        at >= entry.from &&
        at < entry.until,
    )?.price;
  }
}

const NAMES = [
  'model',
  'provider',
  'from',
  'until',
  'input',
  'output',
  'cache_read',
  'cache_write',
  'tiers',
  'currency',
];
const TIER_NAMES = ['above', 'input', 'output', 'cache_read', 'cache_write'];

/**
 * Reads a file of own prices: `[{ "model": "gpt-4o*", "input": 2.5, "output": 10 }]`, described in `docs/cost.md`.
 *
 * @throws PricesError that names the entry, what was given and what is accepted
 */
export function parseOwnPrices(text: string): OwnPrices {
  const list = parseJson(text);
  if (!Array.isArray(list))
    throw new PricesError('must be a list of prices: [{ "model": …, "input": …, "output": … }]');
  return new OwnPrices(list.map((entry, index) => readEntry(entry, `entry ${index + 1}`)));
}

function parseJson(text: string): unknown {
  try {
    // Editors on Windows begin files with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new PricesError(`is no JSON: ${(error as Error).message}`);
  }
}

function readEntry(entry: unknown, place: string): OwnPrice {
  const fields = readFields(entry, NAMES, place);
  const { model, provider, currency = 'USD' } = fields;
  if (typeof model !== 'string' || model === '')
    throw wrong(place, 'model', model, 'a name, in which * is any text');
  if (provider !== undefined && typeof provider !== 'string')
    throw wrong(place, 'provider', provider, 'a name, in which * is any text');
  if (currency !== 'USD')
    throw wrong(place, 'currency', currency, '"USD": costs in other currencies cannot be added up');
  const from = readTime(fields, 'from', place) ?? -Infinity;
  const until = readTime(fields, 'until', place) ?? Infinity;
  if (from >= until) throw new PricesError(`${place}: "until" must be after "from"`);
  return {
    model: toPattern(model),
    ...(provider !== undefined && { provider: toPattern(provider) }),
    from,
    until,
    price: readPrice(fields, place),
  };
}

function readPrice(fields: Fields, place: string): ModelPrice {
  const { tiers = [] } = fields;
  if (!Array.isArray(tiers)) throw wrong(place, 'tiers', tiers, 'a list');
  const steps = tiers.map((tier, index) => readTier(tier, `${place}, tier ${index + 1}`));
  const rate = (name: string, isRequired: boolean): Rate | undefined => {
    const base = readAmount(fields, name, place);
    if (base === undefined) {
      if (isRequired) throw wrong(place, name, base, 'US dollars for a million tokens');
      return undefined;
    }
    const prices = steps.map(({ start, amounts }) => ({ start, price: amounts.get(name) }));
    const higher = prices.flatMap(({ start, price }) => (price === undefined ? [] : [{ start, price }]));
    return higher.length === 0 ? base : { base, tiers: higher };
  };
  const price = { cacheRead: rate('cache_read', false), cacheWrite: rate('cache_write', false) };
  const [input = 0, output = 0] = [rate('input', true), rate('output', true)];
  return { input, output, ...price };
}

function readTier(
  tier: unknown,
  place: string,
): { readonly start: number; readonly amounts: Map<string, number> } {
  const fields = readFields(tier, TIER_NAMES, place);
  const start = readAmount(fields, 'above', place);
  if (start === undefined) throw wrong(place, 'above', start, 'a number of input tokens');
  const amounts = new Map<string, number>();
  for (const name of TIER_NAMES.slice(1)) {
    const amount = readAmount(fields, name, place);
    if (amount !== undefined) amounts.set(name, amount);
  }
  return { start, amounts };
}

type Fields = Readonly<Record<string, unknown>>;

function readFields(value: unknown, names: readonly string[], place: string): Fields {
  if (!isRecord(value) || Array.isArray(value)) throw new PricesError(`${place} must be an object`);
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new PricesError(`${place} has the unknown field "${unknown}". Fields are: ${names.join(', ')}`);
  return value;
}

function readAmount(fields: Fields, name: string, place: string): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0 && value < 1e9) return value;
  throw wrong(place, name, value, 'a number that is not negative');
}

function readTime(fields: Fields, name: string, place: string): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  const isDate =
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(value);
  // A day without a time begins at midnight in UTC.
  const time = isDate ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time))
    throw wrong(place, name, value, 'a day such as "2026-01-31", or a time with its zone');
  return time;
}

function wrong(place: string, name: string, given: unknown, accepted: string): PricesError {
  const text = given === undefined ? 'is missing' : `is ${JSON.stringify(given)}`;
  return new PricesError(`${place}: "${name}" ${text}. It must be ${accepted}`);
}

/** Matches the whole name; letters of either case are the same. */
function toPattern(text: string): RegExp {
  const parts = text.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}
