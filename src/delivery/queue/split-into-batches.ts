import { describe, notAccepted } from '../../common/options/define-options.js';
import type { Destination } from '../../destinations/destination.js';

/** The largest batch that a destination takes. */
export interface BatchLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** @throws TypeError if a limit is not a number above 0. */
export function limitsOf({ name, limits }: Destination): BatchLimits {
  return {
    maxItems: checkLimit(`limits.maxItems of the destination "${name}"`, limits?.maxItems ?? 100),
    maxBytes: checkLimit(`limits.maxBytes of the destination "${name}"`, limits?.maxBytes ?? 900_000),
  };
}

function checkLimit(what: string, value: unknown): number {
  // Not infinite, because limits are multiplied by counts that may be 0.
  if (typeof value === 'number' && value > 0) return Math.min(value, Number.MAX_SAFE_INTEGER);
  throw notAccepted(what, 'a number above 0', describe(value));
}

/** The brackets of a JSON array. */
const ARRAY_BYTES = 2;
const COMMA_BYTES = 1;

/** Returns the size of the JSON array of these items. */
export function batchBytes(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes + COMMA_BYTES, ARRAY_BYTES - COMMA_BYTES);
}

/** Returns the size of the largest entry that fits into a batch of its own. */
export function largestEntryBytes({ maxBytes }: BatchLimits): number {
  return maxBytes - ARRAY_BYTES;
}

/** Returns how many of the first items fit into one batch. At least 1, whatever its size, unless `items` is empty. */
export function fitCount(items: Iterable<{ readonly bytes: number }>, limits: BatchLimits): number {
  let count = 0;
  let sum = ARRAY_BYTES - COMMA_BYTES;
  for (const { bytes } of items) {
    sum += bytes + COMMA_BYTES;
    if (count > 0 && (count >= limits.maxItems || sum > limits.maxBytes)) break;
    count++;
  }
  return count;
}

/** Splits items into batches, in order. */
export function splitIntoBatches<T extends { readonly bytes: number }>(
  items: readonly T[],
  limits: BatchLimits,
): T[][] {
  const batches: T[][] = [];
  let rest = items;
  while (rest.length > 0) {
    const count = fitCount(rest, limits);
    batches.push(rest.slice(0, count));
    rest = rest.slice(count);
  }
  return batches;
}
