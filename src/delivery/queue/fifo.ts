/** A first-in, first-out queue. Unlike `Array.shift()`, removal costs the same whatever the length of the queue. */
export class Fifo<T> implements Iterable<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Removes up to `count` items from the front. */
  take(count: number): T[] {
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    this.#releaseTaken(taken.length);
    return taken;
  }

  /** Removes the items that `isRemoved` selects, and returns them. Costs as much as the queue is long. */
  removeWhere(isRemoved: (item: T) => boolean): T[] {
    const items = [...this];
    const removed = items.filter((item) => isRemoved(item));
    if (removed.length === 0) return removed;
    const gone = new Set(removed);
    this.#items = items.filter((item) => !gone.has(item));
    this.#head = 0;
    return removed;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#head; index < this.#items.length; index++) yield this.#items[index] as T;
  }

  #releaseTaken(count: number): void {
    if (this.#head * 2 >= this.#items.length) {
      // At least half of the array lies before the head, so this copy costs no more than the removals since the last one.
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    } else {
      // The slots remain until the next copy; the items in them must be collectable now.
      this.#items.fill(undefined as T, this.#head - count, this.#head);
    }
  }
}
