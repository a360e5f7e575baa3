/**
 * Map of the `maxSize` entries that were set last. Above it, the entry that was not set for the longest time is forgotten. Values are
 * never undefined.
 *
 * Two maps instead of one: a deleted entry leaves a hole, and V8 walks all holes at the front of a map to find its first key. Only the
 * older map loses its first keys. It gains none, so that one iterator finds them all (test/bench/on-end.mjs).
 */
export class RecentMap<K, V extends {}> {
  readonly #maxSize: number;
  readonly #onForgotten: ((value: V) => void) | undefined;
  #older = new Map<K, V>();
  #newer = new Map<K, V>();
  #oldestEntries = this.#older.entries();

  constructor(maxSize: number, onForgotten?: (value: V) => void) {
    this.#maxSize = maxSize;
    this.#onForgotten = onForgotten;
  }

  get size(): number {
    return this.#older.size + this.#newer.size;
  }

  get(key: K): V | undefined {
    return this.#newer.get(key) ?? this.#older.get(key);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  /** Sets a value as the newest one, also if there is one with this key. */
  set(key: K, value: V): void {
    this.delete(key);
    this.#newer.set(key, value);
    if (this.size > this.#maxSize) this.#forgetOldest();
  }

  delete(key: K): void {
    if (!this.#newer.delete(key)) this.#older.delete(key);
  }

  #forgetOldest(): void {
    if (this.#older.size === 0) {
      [this.#older, this.#newer] = [this.#newer, this.#older];
      this.#oldestEntries = this.#older.entries();
    }
    const oldest = this.#oldestEntries.next();
    if (oldest.done === true) return;
    const [key, value] = oldest.value;
    this.#older.delete(key);
    this.#onForgotten?.(value);
  }
}
