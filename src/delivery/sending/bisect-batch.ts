/** How to go on with a batch that was refused because of its content. */
export interface Isolation<T> {
  readonly bad: readonly T[];
  /** To be sent again, each as a batch of its own. */
  readonly again: readonly (readonly T[])[];
}

/**
 * Parts the bad items from the good ones: by the indexes that the destination named, else by halving. One bad item in a
 * batch of 100 costs at most 15 requests: the refused one, and two for each of seven halvings.
 */
export function bisectBatch<T>(items: readonly T[], rejected: readonly number[]): Isolation<T> {
  const named = new Set(rejected.filter((index) => index >= 0 && index < items.length));
  if (named.size > 0) {
    const good = items.filter((_, index) => !named.has(index));
    return { bad: items.filter((_, index) => named.has(index)), again: good.length > 0 ? [good] : [] };
  }
  if (items.length <= 1) return { bad: items, again: [] };
  const middle = Math.ceil(items.length / 2);
  return { bad: [], again: [items.slice(0, middle), items.slice(middle)] };
}
