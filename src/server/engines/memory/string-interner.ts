/**
 * Numbers for texts that occur again and again: comparing and counting numbers is what makes the overview of 100,000 records a
 * matter of milliseconds. A text that is no longer used gives its number back. 0 stands for no text.
 */
export class StringInterner {
  readonly #ids = new Map<string, number>();
  #names: string[] = [''];
  #uses: number[] = [0];
  #free: number[] = [];

  /** All numbers are below this. */
  get limit(): number {
    return this.#names.length;
  }

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

  /** `undefined` when no record has it. */
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
