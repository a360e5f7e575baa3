/** First in, first out. Taking from the front costs the same however long the queue is, which `Array.shift()` does not. */
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

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#head; index < this.#items.length; index++) yield this.#items[index] as T;
  }

  #releaseTaken(count: number): void {
    if (this.#head * 2 >= this.#items.length) {
      // Half of the array is behind the head: moving the rest costs no more than was taken since the last time.
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    } else {
      // The slots stay for a while; what they held must not.
      this.#items.fill(undefined as T, this.#head - count, this.#head);
    }
  }
}
