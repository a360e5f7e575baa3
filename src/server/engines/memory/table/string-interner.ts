/**
 * Maps texts that repeat to small integers (dictionary encoding), so that columns of records can be compared and counted as numbers.
 * Reference-counted: the number of a text that no record uses any more is reused. 0 means no text.
 */
export class StringInterner {
  readonly #ids = new Map<string, number>();
  #names: string[] = [''];
  #uses: number[] = [0];
  #free: number[] = [];

  /** All numbers are below this: the size of an array indexed by them. */
  get limit(): number {
    return this.#names.length;
  }

  /** Returns the number of a text, and counts one more use of it. */
  acquire(name: string | undefined): number {
    if (name === undefined) return 0;
    const known = this.#ids.get(name);
    const id = known ?? this.#free.pop() ?? this.#names.length;
    if (known === undefined) {
      this.#ids.set(name, id);
      this.#names[id] = name;
    }
    this.#uses[id] = (this.#uses[id] ?? 0) + 1;
    return id;
  }

  /** Counts one use less. */
  release(id: number): void {
    if (id === 0) return;
    const uses = (this.#uses[id] ?? 0) - 1;
    this.#uses[id] = uses;
    if (uses > 0) return;
    this.#ids.delete(this.nameOf(id));
    this.#names[id] = '';
    this.#free.push(id);
  }

  nameOf(id: number): string {
    return this.#names[id] ?? '';
  }

  /** Returns undefined if no record uses the text. */
  find(name: string): number | undefined {
    return this.#ids.get(name);
  }

  clear(): void {
    this.#ids.clear();
    this.#names = [''];
    this.#uses = [0];
    this.#free = [];
  }
}
