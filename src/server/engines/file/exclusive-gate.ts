/** Lets work that must be alone wait until the work in progress has ended, and keeps new work waiting meanwhile. */
export class ExclusiveGate {
  readonly #shared = new Set<Promise<unknown>>();
  #exclusive: Promise<unknown> | undefined;

  /** Runs work that other such work may run beside. */
  async share<T>(work: () => Promise<T>): Promise<T> {
    while (this.#exclusive) await this.#exclusive;
    const result = work();
    this.#shared.add(result);
    try {
      return await result;
    } finally {
      this.#shared.delete(result);
    }
  }

  /** Runs work beside nothing else. */
  exclude<T>(work: () => Promise<T>): Promise<T> {
    const result = (this.#exclusive ?? Promise.resolve()).then(async () => {
      await Promise.allSettled(this.#shared);
      return work();
    });
    const ended: Promise<unknown> = result
      .catch(() => undefined)
      .finally(() => {
        if (this.#exclusive === ended) this.#exclusive = undefined;
      });
    this.#exclusive = ended;
    return result;
  }
}
