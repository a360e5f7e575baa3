import { fromNanoDollars, toNanoDollars } from '../../model/cost.js';
import type { CallUsage } from './call-usage.js';

/** Price from a size of the input on. It applies to all tokens of such a call. */
export interface Tier {
  /** Input tokens of the call above which the price applies. */
  readonly start: number;
  readonly price: number;
}

/** US dollars for a million tokens: one price, or prices by the size of the input. */
export type Rate = number | { readonly base: number; readonly tiers: readonly Tier[] };

export interface ModelPrice {
  readonly input: Rate;
  readonly output: Rate;
  /** Default: the price of input. */
  readonly cacheRead?: Rate | undefined;
  readonly cacheWrite?: Rate | undefined;
}

/** Returns US dollars, to nine digits: (input − cache read − cache write)·p + read·p_r + write·p_w + output·p_o. */
export function costOfUsage(usage: CallUsage, { input, output, cacheRead, cacheWrite }: ModelPrice): number {
  const rate = (given: Rate): number => rateAt(given, usage.input);
  const uncached = usage.input - usage.cacheRead - usage.cacheWrite;
  const perMillion =
    uncached * rate(input) +
    usage.cacheRead * rate(cacheRead ?? input) +
    usage.cacheWrite * rate(cacheWrite ?? input) +
    usage.output * rate(output);
  return fromNanoDollars(toNanoDollars(perMillion / 1e6));
}

/** Returns true if the cost of several calls follows from the sum of their tokens: no price depends on the size of a call. */
export function isLinear({ input, output, cacheRead, cacheWrite }: ModelPrice): boolean {
  return [input, output, cacheRead, cacheWrite].every((rate) => typeof rate !== 'object');
}

function rateAt(rate: Rate, input: number): number {
  if (typeof rate === 'number') return rate;
  let { base: price, tiers } = rate;
  let start = -1;
  for (const tier of tiers) if (input > tier.start && tier.start > start) ({ price, start } = tier);
  return price;
}
