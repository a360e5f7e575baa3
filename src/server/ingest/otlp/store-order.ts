/**
 * Runs the writes of one trace one after the other, in the order of their requests: a later one may remove what an earlier one adds.
 * Writes of different traces run at the same time.
 */
export class StoreOrder {
  /** The last write of each trace that is not done. */
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `write` when all earlier writes of these traces are done, also if they failed. */
  run(traceIds: Iterable<string>, write: () => Promise<void>): Promise<void> {
    const ids = [...traceIds];
    const written = Promise.all(ids.flatMap((id) => this.#last.get(id) ?? [])).then(write);
    const done: Promise<void> = written
      .catch(() => undefined)
      .finally(() => {
        for (const id of ids) if (this.#last.get(id) === done) this.#last.delete(id);
      });
    for (const id of ids) this.#last.set(id, done);
    return written;
  }
}
