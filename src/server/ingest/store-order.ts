/**
 * Runs the writes that share a key (a trace, the id of a record) one after the other, in the order in which they were given: a later
 * one may depend on what an earlier one wrote. Others run at the same time.
 */
export class StoreOrder {
  /** The last write of each key that is not done. */
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `write` when all earlier writes with one of these keys are done, also if they failed. */
  run<T>(keys: Iterable<string>, write: () => Promise<T>): Promise<T> {
    const all = [...keys];
    const earlier = new Set<Promise<void>>();
    for (const key of all) {
      const last = this.#last.get(key);
      if (last) earlier.add(last);
    }
    const written = earlier.size === 0 ? write() : Promise.all(earlier).then(write);
    const done: Promise<void> = written
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        for (const key of all) if (this.#last.get(key) === done) this.#last.delete(key);
      });
    for (const key of all) this.#last.set(key, done);
    return written;
  }
}
