/** Limits of {@link WaitingItems}. */
export interface WaitingLimits {
  readonly maxItems: number;
  /** Sum of the sizes that were given. */
  readonly maxSize: number;
  /** Milliseconds after the first item of a key. */
  readonly maxAgeMs: number;
}

interface Waiting<T> {
  readonly firstMs: number;
  readonly items: T[];
  size: number;
}

/**
 * Items that wait for something with the same key. Bounded by count, size and age; the oldest key is forgotten first. It needs no timer:
 * every `add()` removes what exceeds the limits.
 */
export class WaitingItems<T> {
  /** Sorted by the time of the first item. */
  readonly #byKey = new Map<string, Waiting<T>>();
  readonly #limits: WaitingLimits;
  readonly #onForgotten: (items: readonly T[]) => void;
  readonly #now: () => number;
  #count = 0;
  #size = 0;

  /** `onForgotten` is called with the items of a key that waited in vain. */
  constructor(
    limits: WaitingLimits,
    onForgotten: (items: readonly T[]) => void = () => undefined,
    now: () => number = Date.now,
  ) {
    this.#limits = limits;
    this.#onForgotten = onForgotten;
    this.#now = now;
  }

  /** Number of items. */
  get count(): number {
    return this.#count;
  }

  add(key: string, item: T, size: number): void {
    const now = this.#now();
    const waiting = this.#byKey.get(key) ?? { firstMs: now, items: [], size: 0 };
    this.#byKey.set(key, waiting);
    waiting.items.push(item);
    waiting.size += size;
    this.#count += 1;
    this.#size += size;
    this.evict();
  }

  /** Returns the items of a key in the order of arrival, without forgetting them. */
  peek(key: string): readonly T[] {
    return this.#byKey.get(key)?.items ?? [];
  }

  /** Returns and forgets the items of a key, in the order of arrival. */
  take(key: string): readonly T[] {
    return this.#forget(key)?.items ?? [];
  }

  clear(): void {
    this.#byKey.clear();
    this.#count = 0;
    this.#size = 0;
  }

  /** Forgets what exceeds the limits. */
  evict(): void {
    const now = this.#now();
    const { maxItems, maxSize, maxAgeMs } = this.#limits;
    for (const [key, { firstMs, items }] of this.#byKey) {
      const isFull = this.#count > maxItems || this.#size > maxSize;
      if (!isFull && now - firstMs <= maxAgeMs) return;
      this.#forget(key);
      this.#onForgotten(items);
    }
  }

  #forget(key: string): Waiting<T> | undefined {
    const waiting = this.#byKey.get(key);
    if (!waiting) return undefined;
    this.#byKey.delete(key);
    this.#count -= waiting.items.length;
    this.#size -= waiting.size;
    return waiting;
  }
}

/** Depth of nesting that is counted. Messages are not nested deeper. */
const MAX_DEPTH = 8;

/** Estimates the size of a value: characters of all texts, and 8 for everything else. */
export function estimateSize(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let size = 8;
  for (const member of Object.values(value)) size += estimateSize(member, depth + 1);
  return size;
}
