import { describe, notAccepted } from '../../common/options/define-options.js';
import type { Destination } from '../../destinations/destination.js';

/** What one batch may hold. */
export interface BatchLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** @throws TypeError when a limit is no number above 0. */
export function limitsOf({ name, limits }: Destination): BatchLimits {
  return {
    maxItems: checkLimit(`limits.maxItems of the destination "${name}"`, limits?.maxItems ?? 100),
    maxBytes: checkLimit(`limits.maxBytes of the destination "${name}"`, limits?.maxBytes ?? 900_000),
  };
}

function checkLimit(what: string, value: unknown): number {
  // Not infinite, so that it can be multiplied by nothing.
  if (typeof value === 'number' && value > 0) return Math.min(value, Number.MAX_SAFE_INTEGER);
  throw notAccepted(what, 'a number above 0', describe(value));
}

/** The brackets around a JSON array. */
const ARRAY_BYTES = 2;
const COMMA_BYTES = 1;

/** The size of a JSON array with these items in it. */
export function batchBytes(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes + COMMA_BYTES, ARRAY_BYTES - COMMA_BYTES);
}

/** The largest entry that fits into a batch, alone. */
export function largestEntryBytes({ maxBytes }: BatchLimits): number {
  return maxBytes - ARRAY_BYTES;
}

/** How many of these items fit into one batch: at least one, whatever its size, unless there is none. */
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

/** Cuts items into batches, in order. */
export function splitIntoBatches<T extends { readonly bytes: number }>(
  items: readonly T[],
  limits: BatchLimits,
): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < items.length;) {
    const rest = items.slice(start);
    const count = fitCount(rest, limits);
    batches.push(rest.slice(0, count));
    start += count;
  }
  return batches;
}
