/** What one batch may hold. */
export interface BatchLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** The brackets around a JSON array. */
const ARRAY_BYTES = 2;
/** The comma after an item. The last one has none, which makes the sum one byte too careful. */
const SEPARATOR_BYTES = 1;

/** The size of a JSON array with these items in it, to the byte or one above. */
export function batchBytes(items: Iterable<{ readonly bytes: number }>): number {
  let sum = ARRAY_BYTES;
  for (const { bytes } of items) sum += bytes + SEPARATOR_BYTES;
  return sum;
}

/** How many of these items fit into one batch: at least one, whatever its size, unless there is none. */
export function countThatFits(items: Iterable<{ readonly bytes: number }>, limits: BatchLimits): number {
  let count = 0;
  let sum = ARRAY_BYTES;
  for (const { bytes } of items) {
    sum += bytes + SEPARATOR_BYTES;
    if (count > 0 && (count >= limits.maxItems || sum > limits.maxBytes)) break;
    count++;
  }
  return count;
}

/** Cuts items into batches, in order. */
export function cut<T extends { readonly bytes: number }>(items: readonly T[], limits: BatchLimits): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < items.length;) {
    const rest = items.slice(start);
    const count = countThatFits(rest, limits);
    batches.push(rest.slice(0, count));
    start += count;
  }
  return batches;
}
